import type { ClientRun } from "./client.ts";
import type { Provider } from "./provider/provider.ts";
import { isDoubtful, isLate } from "./scenario/doubts.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { providerOf } from "./scenario/with-provider.ts";
import { longestTask } from "./tasks.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** What the provider charges, at the end, is what was agreed on, and what was said of it. */
export function checkMoney(world: World, provider: Provider, witness: Witness, opener: ClientRun): void {
  expectWithin(world, provider, witness);
  expectWarning(world, provider, witness, opener);
}

/** More than the budget is spent only on what was under way when it was used up: a batch of each worker. */
function expectWithin(world: World, { charges, machines }: Provider, { moreMoneyAt }: Witness): void {
  const { scenario, timeline } = world;
  const { budget } = scenario;
  const end = moreMoneyAt ?? timeline.now;
  const crossed = budget === undefined ? undefined : charges.crossing(budget, end);
  if (budget === undefined || crossed === undefined) return;
  const { prices, minimumBilling } = providerOf(scenario);
  const highest = Math.max(...prices.map(({ perSecond }) => perSecond)) / 1000;
  const workers = machines.filter(({ at, to = Infinity, hidden }) => at <= crossed && to > crossed && !hidden).length;
  const late = machines.filter(({ at, hidden }) => at > crossed && at < end && !hidden);
  if (late.length > 0 && !isDoubtful(scenario))
    world.violated(`${late[0]?.process.name} was launched when the budget of ${budget} was used up`);
  const each = Math.max(minimumBilling, lastBatch(scenario)) * highest;
  const most = budget * 1.02 + (workers + late.length) * each;
  const spent = charges.ofKnown(end);
  if (spent > most)
    world.violated(
      `${spent.toFixed(1)} were spent of a budget of ${budget.toFixed(1)}, with ${workers} workers that could spend ${each.toFixed(1)} each`,
    );
}

/** Milliseconds for which a worker may go on when the money is used up: with its batch, and until it has heard of it. */
function lastBatch(scenario: Scenario): number {
  const { commitInterval, pace, latency, ttl, faults, submissions } = scenario;
  const grace = Math.max(...submissions.map((submission) => submission.grace)) + 5000;
  const batch = Math.max(3 * commitInterval, longestTask(scenario)) + grace;
  const hearing = pace.poll[1] * 2 + latency * 50 + 5000;
  if (!isLate(scenario)) return batch + hearing;
  const clocks = faults.clockJumps * 300_000;
  return batch + hearing + ttl * 5 + latency * 5000 + clocks + (faults.outages > 0 ? 120_000 : 0) + 120_000;
}

/** Who keeps the session for a while longer says that much is spent. */
function expectWarning(
  world: World,
  { charges }: Provider,
  { warnings, removedAt, paused }: Witness,
  opener: ClientRun,
) {
  const { scenario, timeline } = world;
  const { warnAt } = scenario;
  if (warnAt === undefined) {
    if (warnings > 0) world.violated("Somebody warns of what nobody wanted to hear of");
    return;
  }
  const low = charges.crossing(warnAt * 0.98 - 10 * charges.highest, timeline.now);
  if (warnings > 0 && low === undefined && isPlain(scenario))
    world.violated(`It was said that ${warnAt} is spent, and ${charges.until(timeline.now)} is`);
  const crossed = charges.crossing(warnAt * 1.02, timeline.now);
  const supervised = crossed !== undefined && workedUntil(opener) > crossed + Math.min(60_000, scenario.ttl * 2);
  const alone = scenario.joiners.length + scenario.daemons.length + scenario.acts.length === 0;
  if (supervised && alone && warnings === 0 && !paused && removedAt === undefined && !isDoubtful(scenario))
    world.violated(`${warnAt} was spent at ${Math.round(crossed)} ms, and nobody says so`);
}

/** As long as it waited for outcomes, and was not about to leave. */
function workedUntil({ collected }: ClientRun): number {
  return Math.max(...collected.map(({ endedAt = 0 }) => endedAt), 0);
}

/** What is spent can be known to the second: each worker starts, ends when it is said to, and costs always the same. */
function isPlain(scenario: Scenario): boolean {
  const { prices, minimumBilling } = providerOf(scenario);
  const { silent, awakes, stillborn, lateBoots } = scenario.faults;
  const steady = prices.length === 1 && minimumBilling === 0 && scenario.reportDelay <= 50;
  return steady && !isDoubtful(scenario) && silent + awakes + stillborn + lateBoots === 0;
}

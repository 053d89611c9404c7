import type { Horizon, Ledger } from "../../../packages/core/src/protocol/index.ts";
import { isDoubtful } from "../scenario/doubts.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { Seen } from "./seen.ts";

/** What was spent by all that the store tells, and what the horizon promises, is within the budget. */
export function checkPromise(seen: Seen, { session: { budget } }: Ledger, { until, workers }: Horizon): void {
  const { storeNow, scenario } = seen.world;
  if (!budget || scenario.faults.clockJumps > 0) return;
  const prices = providerOf(scenario).prices.map(({ perSecond }) => perSecond / 1000);
  const highest = Math.max(...prices);
  const spent = timeOf(seen) * Math.min(...prices);
  const promised = workers * Math.max(0, until - storeNow) * highest;
  // Who lives longer than it was paid for is to hear of it at once.
  // Where it is in doubt who runs, it was promised by what somebody could know then: what is charged in the end is judged elsewhere.
  const most = budget.amount * (isDoubtful(scenario) ? 2 : 1) + workers * 5000 * highest;
  if (promised > 0 && spent + promised > most)
    seen.world.violated(
      `A horizon promises ${Math.round(promised)}, when ${Math.round(spent)} of ${budget.amount} are spent`,
    );
}

/** Milliseconds of workers: as their provider told of those that ended, or as they wrote themselves. */
function timeOf({ incarnations, exits, keys, world }: Seen): number {
  const { objects, storeNow } = world;
  let time = 0;
  for (const incarnation of incarnations.keys()) {
    const [n = 0, j = 0, k = 0] = incarnation.split(".").map(Number);
    const { startedAt, stoppedAt, toldAt = storeNow } = exits.get(`${n}.${j}`) ?? {};
    if (typeof startedAt === "number" && typeof stoppedAt === "number") {
      if (k === 0) time += stoppedAt - startedAt;
    } else {
      const born = objects.modified(keys.born(n, j, k)) ?? storeNow;
      // Of whom it is told that it ended, true or not, nobody counts more.
      const gone = objects.modified(keys.gone(incarnation)) ?? storeNow;
      time += Math.max(0, Math.min(gone, toldAt) - born);
    }
  }
  return time;
}

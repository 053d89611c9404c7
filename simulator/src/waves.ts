import { plainJob } from "./plain-job.ts";
import { Random } from "./random.ts";
import { paces } from "./scenario/paces.ts";
import type { QuotaStep } from "./scenario/provider-plan.ts";
import { roomy } from "./scenario/provider-plan.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { SimulationReport } from "./simulate.ts";

const workers = 20;

/** For so long, in milliseconds, the room comes and goes; there is work for longer, since room for all of them never lasts. */
const duration = 600_000;

/** Milliseconds that a task takes in the mean. */
const mean = 5000;

/** A job on a provider that has room for few workers, then for more, then for fewer; and that says how much there is, or does not. */
export function wavesScenario(seed: number): Scenario {
  const random = new Random(seed).fork("waves");
  const job = plainJob(seed, (duration / mean) * workers);
  const pace = random.pick([paces[0], paces[1]]);
  const quota: QuotaStep[] = [];
  for (let from = 0; from < duration; from += random.between(20_000, 90_000))
    quota.push({ from, most: random.whole(0, workers), kind: "quota" });
  return {
    ...job,
    pace,
    ttl: pace.ttl,
    commitInterval: pace.commitInterval,
    latency: pace === paces[0] ? 15 : 2,
    dated: pace === paces[0],
    watch: random.chance(0.5),
    workers,
    boot: [1000, 1000],
    provider: {
      ...roomy,
      quota,
      tellsWhen: 0,
      ...(random.chance(0.5) ? { capacity: { lag: 0 } } : {}),
      prices: [{ from: 0, perSecond: 0 }],
    },
    mix: { ...job.mix, mean },
    // Spot workers go, and leave room behind.
    faults: { ...job.faults, spot: 0.7, until: duration },
  };
}

/** Longest time for which room for one worker was not taken, while there was work for it; milliseconds. What became free first is taken first. */
function longestIdle({ scenario, machines, lastLease }: SimulationReport): number {
  const steps = scenario.provider?.quota ?? [];
  const moments = [...steps.map(({ from }) => from), ...machines.flatMap(({ at, to = Infinity }) => [at, to])]
    .filter((at) => at < lastLease)
    .sort((a, b) => a - b);
  let longest = 0;
  const free: number[] = [];
  for (const now of [...moments, lastLease]) {
    const most = Math.min(workers, steps.findLast(({ from }) => from <= now)?.most ?? Infinity);
    const running = machines.filter(({ at, to = Infinity }) => at <= now && to > now).length;
    const room = now === lastLease ? 0 : Math.max(0, most - running);
    while (free.length < room) free.push(now);
    for (const since of free.splice(0, free.length - room)) longest = Math.max(longest, now - since);
  }
  return longest;
}

/** A supervisor's period. */
function periodOf({ ttl }: Scenario): number {
  return Math.min(15_000, ttl / 4);
}

export function toldWaves(report: SimulationReport): string {
  const { scenario, seed, violations, machines } = report;
  const idle = longestIdle(report) / 1000;
  const says = scenario.provider?.capacity ? "that says how much room there is" : "that says nothing of its room";
  return [
    ...violations,
    `seed ${seed}, a provider ${says}, ${scenario.watch ? "and tells of ends" : "asked now and then"}: room was idle for ${idle.toFixed(1)} s at the most, a period is ${(periodOf(scenario) / 1000).toFixed(1)} s; ${machines.length} workers`,
  ].join("\n");
}

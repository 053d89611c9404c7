import { plainJob } from "./plain-job.ts";
import { paces } from "./scenario/paces.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { SimulationReport } from "./simulate.ts";
import { speedFrom } from "./speed.ts";
import { taskPlan } from "./tasks.ts";

const tasks = 10_000;
const workers = 100;

/** Where a fleet works: the store's pace, the time of one way to it, and how long a worker takes to boot; milliseconds. */
const places = {
  directory: { pace: paces[1], latency: 2, boot: [100, 100], dated: false },
  S3: { pace: paces[0], latency: 15, boot: [20_000, 10_000], dated: true },
} as const;

export type Place = keyof typeof places;

/** A job: where its fleet works, what its tasks take in the mean, in milliseconds, and how far they lie from it. */
export interface MakespanJob {
  readonly place: Place;
  readonly mean: number;
  readonly sigma: number;
}

/** 10,000 tasks of log-normal length on 100 workers of one slot, the fastest of which is three times as fast as the slowest. */
export function makespanScenario(seed: number, { place, mean, sigma }: MakespanJob): Scenario {
  const job = plainJob(seed, tasks);
  const { pace, ...rest } = places[place];
  return {
    ...job,
    ...rest,
    pace,
    ttl: pace.ttl,
    commitInterval: pace.commitInterval,
    watch: true,
    workers,
    unevenness: 0.5,
    mix: { ...job.mix, mean, sigma },
  };
}

/** What a fleet needs at the least: all the work, on all that it has from the moment at which each worker runs. */
interface Makespan {
  /** What it took, over what it would have to take. */
  readonly ratio: number;
  readonly ideal: number;
  /** The same ratio for somebody who hands out one task at a time for nothing, and does not know either what each takes. */
  readonly oneByOne: number;
  /** Until the client had all outcomes, in milliseconds. */
  readonly took: number;
  /** Shares of all workers' time, in that. */
  readonly shares: Readonly<Record<"busy" | "boot" | "first" | "between" | "tail" | "again", number>>;
}

function makespanOf({ scenario, timesheet, collectedAt = Number.NaN }: SimulationReport): Makespan {
  const lengths = Array.from({ length: tasks }, (_, input) => taskPlan(scenario, input).ms);
  const work = lengths.reduce((sum, ms) => sum + ms, 0);
  const fleet = timesheet.workers.map((worker) => ({ ...worker, speed: speedFrom(scenario, worker.name) }));
  const speed = fleet.slice(0, workers).reduce((sum, worker) => sum + worker.speed, 0);
  const boots = fleet.slice(0, workers).reduce((sum, worker) => sum + worker.speed * worker.boot, 0);
  const ideal = (work + boots) / speed;
  const whole = collectedAt * workers;
  const share = (of: (worker: (typeof fleet)[number]) => number) =>
    fleet.reduce((sum, worker) => sum + of(worker), 0) / whole;
  const done = fleet.reduce((sum, worker) => sum + worker.busy * worker.speed, 0);
  return {
    ratio: collectedAt / ideal,
    ideal,
    oneByOne: oneByOne(lengths, fleet.slice(0, workers)) / ideal,
    took: collectedAt,
    shares: {
      busy: share(({ busy }) => busy),
      boot: share(({ boot, launchedAt }) => launchedAt + boot),
      first: share(({ boot, launchedAt, firstAt }) => (firstAt ?? collectedAt) - launchedAt - boot),
      between: share(({ firstAt = 0, lastAt = 0, busy }) => lastAt - firstAt - busy),
      tail: share(({ firstAt, lastAt }) => (firstAt === undefined ? 0 : collectedAt - (lastAt ?? 0))),
      again: (done - work) / Math.max(done, 1),
    },
  };
}

/** When the last of them ends, each given to whoever is free first. */
function oneByOne(
  lengths: readonly number[],
  fleet: readonly { readonly boot: number; readonly speed: number }[],
): number {
  const free = fleet.map(({ boot, speed }) => ({ at: boot, speed }));
  for (const ms of lengths) {
    const next = free.reduce((first, worker) => (worker.at < first.at ? worker : first));
    next.at += ms / next.speed;
  }
  return Math.max(...free.map(({ at }) => at));
}

export function toldMakespan({ place, mean, sigma }: MakespanJob, report: SimulationReport): string {
  const { ratio, took, ideal, oneByOne: least, shares } = makespanOf(report);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const lost = Object.entries(shares).map(([name, share]) => `${name} ${(share * 100).toFixed(1)} %`);
  return [
    ...report.violations,
    `${place}, tasks of ${seconds(mean)} (sigma ${sigma}), seed ${report.seed}: ${ratio.toFixed(3)} x the ideal: ${seconds(took)} for ${seconds(ideal)}; one by one ${least.toFixed(3)} x; ${report.timesheet.workers.length} workers: ${lost.join(", ")}`,
  ].join("\n");
}

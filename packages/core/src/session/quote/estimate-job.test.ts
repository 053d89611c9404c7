import { expect, test } from "vitest";
import { simulateJob } from "../../../test/simulated-job.ts";
import { chunkSize } from "../../protocol/cut.ts";
import type { Rate } from "../../costs.ts";
import { chance, resampled } from "./chance.ts";
import { estimateJob } from "./estimate-job.ts";
import type { JobModel } from "./job-model.ts";

const dollar: Rate = { amount: 1, currency: "USD", unit: "hour", source: "made up" };

/** A directory's pace, but for a client that hears of everything at once. */
const pace = { ttl: 10_000, commitInterval: 500, poll: [0, 1000], chunksPerSlot: 16 } as const;

function model(more: Partial<JobModel> = {}): JobModel {
  return {
    tasks: 1000,
    seconds: [1],
    slowdown: 1,
    concurrency: 1,
    workers: 10,
    maxWorkers: 1000,
    slots: 1,
    startup: 0,
    minimumBilling: 0,
    rate: dollar,
    pace,
    request: 0,
    bytes: { input: 100, output: 100 },
    kept: 7,
    rounds: 100,
    seed: 1,
    ...more,
  };
}

/** Run times as those of real tasks are: most are short, some are long. */
function logNormal(count: number, median: number, sigma: number, seed: number): number[] {
  const random = chance(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => median * Math.exp(sigma * normal()));
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0;
}

/** The same, event by event and task by task, many times. */
function simulated(of: JobModel, rounds: number) {
  const random = chance(99);
  const { tasks, workers, slots, startup, request, minimumBilling } = of;
  const chunk = chunkSize(tasks, workers * slots, of.pace.chunksPerSlot, of.estimate);
  // No more are launched than find a chunk for each of their slots.
  const launched = Math.min(workers, Math.ceil(tasks / chunk / slots));
  const runs = Array.from({ length: rounds }, () => {
    const sample = resampled(of.seconds, random);
    const durations = Array.from({ length: tasks }, () => sample[Math.floor(random() * sample.length)] ?? 0);
    const ttl = of.pace.ttl / 1000;
    return simulateJob({ durations, workers: launched, slots, chunk, startup, request, ttl, minimumBilling, random });
  });
  const [walls, bills] = [runs.map(({ wall }) => wall), runs.map(({ billed }) => billed / 3600)];
  return { wall: { p50: quantile(walls, 0.5), p95: quantile(walls, 0.95) }, hours: quantile(bills, 0.5) };
}

const jobs: readonly [string, Partial<JobModel>][] = [
  ["tasks of one length", { seconds: [2] }],
  ["many workers of one slot", { tasks: 3000, workers: 50, seconds: logNormal(40, 2, 0.5, 1), startup: 20 }],
  [
    "many tasks on few workers",
    { tasks: 5000, workers: 5, slots: 2, seconds: logNormal(40, 1, 0.5, 8), request: 0.05 },
  ],
  ["few workers of many slots", { tasks: 2000, workers: 4, slots: 8, seconds: logNormal(40, 3, 0.7, 2) }],
  ["fewer tasks than slots", { tasks: 12, workers: 10, slots: 2, seconds: logNormal(20, 5, 1, 3), startup: 5 }],
  ["some long tasks", { tasks: 1000, workers: 20, seconds: [...logNormal(38, 1, 0.3, 4), 30, 40] }],
  ["a slow store", { tasks: 2000, workers: 20, seconds: logNormal(20, 0.2, 0.3, 5), request: 0.5 }],
  ["a short job that is billed by the minute", { tasks: 100, seconds: [1, 2], startup: 10, minimumBilling: 60 }],
  [
    "workers that leave before the end",
    { tasks: 60, workers: 20, seconds: [...logNormal(39, 1, 0.2, 6), 100], startup: 2 },
  ],
];

test.each(jobs)("%s: the estimate is what an event simulation comes to", (_, more) => {
  const one = model(more);
  const estimate = estimateJob(one);
  const { wall, hours } = simulated(one, 60);
  expect(estimate.wall.p50 / wall.p50).toBeGreaterThan(0.9);
  expect(estimate.wall.p50 / wall.p50).toBeLessThan(1.1);
  expect(estimate.wall.p95 / wall.p95).toBeGreaterThan(0.85);
  expect(estimate.wall.p95 / wall.p95).toBeLessThan(1.15);
  expect(estimate.hours.p50 / hours).toBeGreaterThan(0.9);
  expect(estimate.hours.p50 / hours).toBeLessThan(1.1);
});

/** Models of all kinds, from a seed. */
function* models(count: number): Generator<JobModel> {
  const random = chance(7);
  const upTo = (most: number) => Math.ceil(random() * most);
  for (let n = 0; n < count; n++)
    yield model({
      tasks: upTo(3000),
      seconds: logNormal(upTo(10), 0.1 + random() * 5, random(), n),
      workers: upTo(60),
      slots: upTo(4),
      startup: upTo(2) === 1 ? 0 : upTo(60),
      minimumBilling: upTo(2) === 1 ? 0 : upTo(120),
      request: random() * 0.05,
      rounds: 40,
      seed: n,
    });
}

test("no job is quicker than its work divided by all slots, or cheaper than the shortest time of each worker", () => {
  for (const one of models(30)) {
    const { wall, hours, workers, cost } = estimateJob(one);
    const { tasks, seconds, slots, startup, minimumBilling } = one;
    expect(wall.p95).toBeGreaterThanOrEqual(startup + (tasks * Math.min(...seconds)) / (workers * slots) - 1e-9);
    expect(wall.p95).toBeGreaterThanOrEqual(wall.p50);
    expect(hours.p50 * 3600).toBeGreaterThanOrEqual(workers * Math.max(minimumBilling, startup) - 1e-9);
    expect(hours.p50 * 3600).toBeLessThanOrEqual(workers * Math.max(minimumBilling, wall.p95) + 1e-9);
    expect(cost.workers?.p50).toBeCloseTo(hours.p50, 9);
  }
});

test("twice the workers are never slower where starting takes no time", () => {
  for (const one of models(30)) {
    const still = { ...one, startup: 0, seconds: [one.seconds[0] ?? 1] };
    const twice = estimateJob({ ...still, workers: one.workers * 2 });
    expect(twice.wall.p50).toBeLessThanOrEqual(estimateJob(still).wall.p50 + 1e-9);
  }
});

test("twice the price is twice the cost, a longer start-up is no sooner end, and more tasks are no less work", () => {
  for (const one of models(30)) {
    const { wall, cost, hours } = estimateJob(one);
    const dearer = estimateJob({ ...one, rate: { ...dollar, amount: 2 } });
    expect(dearer.cost.workers?.p50).toBeCloseTo(2 * (cost.workers?.p50 ?? 0), 9);
    expect(dearer.cost.workers?.p95).toBeCloseTo(2 * (cost.workers?.p95 ?? 0), 9);
    const later = estimateJob({ ...one, startup: one.startup + 10 });
    expect(later.wall.p50).toBeGreaterThanOrEqual(wall.p50 + 10 - 1e-9);
    expect(later.hours.p50).toBeGreaterThanOrEqual(hours.p50);
    const uniform = { ...one, seconds: [one.seconds[0] ?? 1] };
    const more = estimateJob({ ...uniform, tasks: one.tasks * 2 });
    expect(more.hours.p50).toBeGreaterThanOrEqual(estimateJob(uniform).hours.p50 - 1e-9);
  }
});

test("the same model gives the same estimate, and another seed about the same", () => {
  const one = model({ seconds: logNormal(10, 2, 0.8, 1), workers: 7 });
  expect(estimateJob(one)).toEqual(estimateJob(one));
  const ratio = estimateJob({ ...one, seed: 2 }).wall.p50 / estimateJob(one).wall.p50;
  expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
});

test("one task that was tried leaves nothing to doubt, several do", () => {
  const certain = estimateJob(model({ seconds: [2] }));
  expect(certain.wall.p95).toBe(certain.wall.p50);
  const unsure = estimateJob(model({ seconds: [1, 3, 9] }));
  expect(unsure.wall.p95).toBeGreaterThan(unsure.wall.p50 * 1.2);
});

test("what moves is told as a range, and what is unknown by name", () => {
  const spot = estimateJob(model({ rate: { ...dollar, amount: 0.5, range: [0.3, 1] } }));
  expect(spot.cost.workers).toMatchObject({ p50: expect.closeTo(spot.hours.p50 / 2, 9), currency: "USD" });
  expect(spot.cost.workers?.range).toEqual([
    expect.closeTo(spot.hours.p50 * 0.3, 9),
    expect.closeTo(spot.hours.p50, 9),
  ]);
  expect(spot.unknown).toEqual(["requests", "storage", "transfer"]);
  const nothing = estimateJob(model({ rate: undefined }));
  expect(nothing.unknown).toEqual(["workers", "requests", "storage", "transfer"]);
  expect(nothing.cost).toEqual({});
});

test("with an estimate no more workers are launched than the work repays", () => {
  const short = { tasks: 1000, seconds: [0.1], workers: 100, startup: 30, minimumBilling: 60 };
  expect(estimateJob(model(short)).workers).toBe(100);
  const known = estimateJob(model({ ...short, estimate: 0.1 }));
  expect(known.workers).toBeLessThan(4);
  expect(known.hours.p50).toBeLessThan(0.1);
});

test("requests are about those that 100 workers make for 10,000 tasks of a second on S3", () => {
  const s3 = { ttl: 60_000, commitInterval: 20_000, poll: [1000, 30_000], chunksPerSlot: 8 } as const;
  const { requests } = estimateJob(model({ tasks: 10_000, workers: 100, estimate: 1, pace: s3, request: 0.03 }));
  const { create, get, list, put } = requests;
  // As many as the simulator counts: 0.25 for each task.
  expect((create + get + list + put) / 10_000).toBeGreaterThan(0.2);
  expect((create + get + list + put) / 10_000).toBeLessThan(0.3);
});

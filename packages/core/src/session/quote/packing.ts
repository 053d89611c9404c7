import { planFleet } from "../../plan-fleet.ts";
import { chunkSize } from "../../protocol/cut.ts";
import type { JobModel } from "./job-model.ts";

/** How the launcher and the submitter would go about a job. */
export interface Packing {
  /** Workers that would be launched. */
  readonly workers: number;
  /** Chunks of how many tasks, and how many of them; the largest first. */
  readonly chunks: readonly { readonly size: number; readonly count: number }[];
  readonly segments: number;
}

/** Inputs of a segment. */
const perSegment = 1000;

/** By the rules that hold for real: the sizes of chunks, and the first wave of the fleet. Later waves of a job whose end is known are none. */
export function packingOf(model: JobModel): Packing {
  const { tasks, workers, maxWorkers, slots, concurrency, pace, estimate } = model;
  const planned = Math.min(workers, maxWorkers) * slots;
  const size = chunkSize(tasks, planned, pace.chunksPerSlot, estimate, concurrency);
  const segments = Math.ceil(tasks / perSegment);
  const last = tasks - (segments - 1) * perSegment;
  const sizes = new Map<number, number>();
  for (const [count, times] of [
    [perSegment, segments - 1],
    [last, 1],
  ] as const) {
    const rest = count % size;
    if (times === 0) continue;
    sizes.set(size, (sizes.get(size) ?? 0) + times * Math.floor(count / size));
    if (rest > 0) sizes.set(rest, (sizes.get(rest) ?? 0) + times);
  }
  const chunks = [...sizes].filter(([, count]) => count > 0).map(([of, count]) => ({ size: of, count }));
  chunks.sort((a, b) => b.size - a.size);
  const number = chunks.reduce((sum, { count }) => sum + count, 0);
  return { workers: firstWave(model, number), chunks, segments };
}

function firstWave(model: JobModel, chunks: number): number {
  const { tasks, workers, maxWorkers, slots, startup, minimumBilling, rate, estimate } = model;
  const plan = planFleet(
    {
      chunks,
      open: false,
      live: [],
      slots,
      startup: startup * 1000,
      minimumBilling: minimumBilling * 1000,
      failures: 0,
      sinceLaunch: Number.POSITIVE_INFINITY,
      ...(estimate === undefined ? {} : { work: { tasks, seconds: tasks * estimate } }),
      ...(rate ? { rate: rate.range?.[1] ?? rate.amount } : {}),
    },
    { workers, maxWorkers },
  );
  return Math.max(1, plan.launch);
}

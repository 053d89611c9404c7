import { planFleet } from "../../plan-fleet.ts";
import { chunkSize } from "../../protocol/cut.ts";
import { segmentSize } from "../../protocol/segment.ts";
import type { JobModel } from "./job-model.ts";

/** How the launcher and the submitter would go about a job. */
export interface Packing {
  /** Workers that would be launched. */
  readonly workers: number;
  /** Chunks of how many tasks, and how many of them; the largest first. */
  readonly chunks: readonly { readonly size: number; readonly count: number }[];
  readonly segments: number;
}

/** By the rules that hold for real: the sizes of chunks, and the first wave of the fleet. Later waves of a job whose end is known are none. */
export function packingOf(model: JobModel): Packing {
  const { tasks, workers, maxWorkers, slots, concurrency, pace, estimate } = model;
  const planned = Math.min(workers, maxWorkers) * slots;
  const size = chunkSize(tasks, planned, pace.chunksPerSlot, estimate, concurrency);
  const sizes = new Map<number, number>();
  let segments = 0;
  for (let left = tasks; left > 0; segments++) {
    const count = Math.min(segmentSize(segments), left);
    left -= count;
    const rest = count % size;
    sizes.set(size, (sizes.get(size) ?? 0) + Math.floor(count / size));
    if (rest > 0) sizes.set(rest, (sizes.get(rest) ?? 0) + 1);
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

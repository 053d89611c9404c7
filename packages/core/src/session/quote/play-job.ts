import { sumsOf } from "./chance.ts";
import { FreeSlots } from "./free-slots.ts";
import type { JobModel } from "./job-model.ts";
import type { Packing } from "./packing.ts";

/** What came of playing a job once, in seconds. */
export interface Played {
  /** From the launch until the client has the last outcome. */
  readonly wall: number;
  /** Billed, of all workers together. */
  readonly billed: number;
}

/** Looks of a client at what is new that are between an outcome and its being heard of. */
const looks = 5;

/** Parts of the TTL for which a worker waits behind the last chunks before it leaves. */
const patience = 1.5;

/**
 * Plays a job whose tasks take what another sample says: who is free first takes the next chunk, which its slots share. Workers that find
 * nothing more wait for a while, but for some that stay to the end; all are billed from their launch.
 */
export function playJob(
  model: JobModel,
  { workers, chunks }: Packing,
  sample: readonly number[],
  random: () => number,
): Played {
  const { slots, concurrency, startup, slowdown, request, pace, minimumBilling } = model;
  const inParallel = slots * concurrency;
  const draw = sumsOf(sample, random);
  const free = new FreeSlots(workers * inParallel, startup);
  for (const { size, count } of chunks) {
    const parts = Math.min(size, inParallel);
    for (let n = 0; n < count; n++) {
      // The first parts have one task more, where they can't be equal.
      for (let part = 0; part < parts; part++) free.take(draw(Math.ceil((size - part) / parts)) * slowdown + request);
    }
  }
  const ends = free.endsOf(workers);
  const wall = Math.max(...ends) + 2 * request + (looks * pace.poll[0]) / 1000;
  const staying = Math.max(2, Math.floor(workers / 8));
  let billed = 0;
  for (const [n, end] of ends.sort((a, b) => b - a).entries()) {
    const until = n < staying ? wall : Math.min(wall, end + (patience * pace.ttl) / 1000);
    billed += Math.max(until, minimumBilling);
  }
  return { wall, billed };
}

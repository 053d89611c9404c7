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

/** Parts that each slot takes one by one at the end: what came before differs by so little that it is taken at once. */
const oneByOne = 8;

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
    const last = Math.min(count, Math.ceil((oneByOne * workers * inParallel) / parts));
    takeAtOnce(free, size * (count - last), (tasks) => draw(tasks) * slowdown + (tasks / size) * parts * request);
    for (let n = 0; n < last; n++) {
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

/** As many tasks for each slot, as nearly as can be. */
function takeAtOnce(free: FreeSlots, tasks: number, seconds: (tasks: number) => number): void {
  const { count } = free;
  for (let slot = 0; slot < Math.min(tasks, count); slot++) free.take(seconds(Math.ceil((tasks - slot) / count)));
}

import type { Range } from "./keys.ts";
import { largestSegment } from "./segment.ts";

/**
 * How a turn's items are cut into batches: sizes, of which the last stands for all that follow. Fixed by epoch 1 of the
 * turn and copied by each takeover, so that every owner writes the same keys.
 */
export type Cut = readonly number[];

/**
 * Batches of about `interval` ms of work.
 *
 * @param measured Without seconds the batches double from one task, so that something shows early whatever a task takes.
 * @param least Tasks that a slot runs side by side: a smaller batch would keep some of them waiting.
 */
export function cutFor(count: number, { seconds, bytes }: Measured, interval: number, least = 1): Cut {
  const most = mostInBatch(bytes);
  if (seconds !== undefined)
    return [clamp(perBatch(count, seconds, interval, most), Math.min(least, Math.max(count, 1)), Math.max(count, 1))];
  const sizes: number[] = [];
  for (let size = Math.min(least, most), left = count; left > 0; left -= size, size = Math.min(size * 2, most))
    sizes.push(Math.min(size, left));
  return sizes.length > 0 ? sizes : [1];
}

/** What is known of the tasks of a submission. */
export interface Measured {
  /** A slot takes so long for each. */
  readonly seconds?: number | undefined;
  /** Of its outcome line. */
  readonly bytes?: number | undefined;
}

/** As few batches as come closest to the interval: a short one behind a full one is a request more for nothing. */
function perBatch(count: number, seconds: number, interval: number, most: number): number {
  const batches = Math.max(1, Math.round((count * seconds * 1000) / interval), Math.ceil(count / most));
  return Math.ceil(count / batches);
}

/** A thousand tasks, or more of them where their lines are short: a commit is read whole. */
function mostInBatch(bytes: number | undefined): number {
  return bytes === undefined ? usualBatch : Math.max(usualBatch, Math.floor(largeBatch / Math.max(bytes, 1)));
}

const usualBatch = 1000;
/** Bytes, half of what a commit may have: not all lines are as long as those that were measured. */
const largeBatch = 2_000_000;

export function batchesOf(cut: Cut, count: number): readonly Range[] {
  const batches: Range[] = [];
  for (let first = 0, n = 0; first < count; n++) {
    const size = Math.min(Math.max(cut[Math.min(n, cut.length - 1)] ?? 1, 1), count - first);
    batches.push({ first, count: size });
    first += size;
  }
  return batches;
}

/**
 * Seconds of work in a chunk, where that is known and there is enough for a slot to have four of them: the longest that is one commit
 * on a store whose commits are 20 s apart, so that it costs four requests with the read of its outcomes and needs no other sign of life.
 */
const chunkSeconds = 25;

/**
 * Tasks per chunk of an append.
 *
 * @param slots Tasks that the planned fleet runs at a time.
 * @param seconds Measured seconds per task, if any.
 * @param chunksPerSlot The store's figure for unknown work; known work is cut into 4 chunks and up to that many, one for
 * each 25 s that a slot has to do.
 * @param least Tasks that a slot runs side by side.
 */
export function chunkSize(count: number, slots: number, chunksPerSlot: number, seconds?: number, least = 1): number {
  const k = seconds === undefined ? chunksPerSlot : clamp((count * seconds) / slots / chunkSeconds, 4, chunksPerSlot);
  return clamp(Math.floor(count / (k * slots)), Math.min(least, largestSegment), largestSegment);
}

/** Chunk size of the nth append of a stream whose length nobody knows: one task, doubled until 20 s of work. */
export function streamChunkSize(append: number, seconds?: number, least = 1): number {
  const most = seconds === undefined ? 1000 : clamp(Math.floor(20 / Math.max(seconds, 1e-9)), 1, 1000);
  const fewest = Math.min(least, 1000);
  return clamp(fewest * 2 ** Math.min(append, 10), fewest, Math.max(most, fewest));
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

import type { ChunkId } from "./keys.ts";
import type { Grant, Ledger, SegmentRow, Submission } from "./ledger.ts";

/** A chunk as the ledger describes it. */
export interface Chunk extends ChunkId {
  readonly submission: Submission;
  readonly row: SegmentRow;
  /** Offset of its first task in the segment. */
  readonly start: number;
  readonly count: number;
  /** Index of its first task within the submission, and within the session. */
  readonly index: number;
  readonly task: number;
  /** Running number within the session. */
  readonly number: number;
}

export function chunkAt(ledger: Ledger, { s, i }: ChunkId): Chunk | undefined {
  const row = ledger.segments[s];
  const submission = row && ledger.submissions[row.submission];
  const start = row ? i * row.chunk : 0;
  if (!row || !submission || start >= row.count) return undefined;
  const count = Math.min(row.chunk, row.count - start);
  return {
    s,
    i,
    submission,
    row,
    start,
    count,
    index: row.index + start,
    task: row.task + start,
    number: row.firstChunk + i,
  };
}

/** The chunk with this running number. */
export function chunkNumbered(ledger: Ledger, number: number): Chunk | undefined {
  let low = 0;
  let high = ledger.segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ledger.segments[middle]?.firstChunk ?? 0) <= number) low = middle;
    else high = middle - 1;
  }
  const row = ledger.segments[low];
  return row && chunkAt(ledger, { s: low, i: number - row.firstChunk });
}

/** Retry grants of the chunk's submission, as this ledger tells: the chunk may have been looked up in an older one. */
export function grantsOf(ledger: Ledger, { row }: Chunk): readonly Grant[] {
  return ledger.submissions[row.submission]?.grants ?? [];
}

/** Offsets of the chunk's tasks that were cancelled one by one. */
export function cancelledIn({ cancelledTasks }: Ledger, { task, count }: Chunk): readonly number[] {
  if (cancelledTasks.length === 0) return [];
  return cancelledTasks.filter((index) => index >= task && index < task + count).map((index) => index - task);
}

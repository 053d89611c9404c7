import { chunkAt } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Ledger } from "../../protocol/ledger.ts";

/** Place in the session's table of segments. */
export interface Cursor {
  readonly s: number;
  readonly i: number;
}

/** Chunks of a submission from a place on, in input order. */
export function* ownChunks(ledger: Ledger, submission: string, from: Cursor): Generator<Chunk> {
  for (let { s, i } = from; s < ledger.segments.length; s++, i = 0) {
    if (chunkAt(ledger, { s, i: 0 })?.submission.id !== submission) continue;
    for (let chunk = chunkAt(ledger, { s, i }); chunk; chunk = chunkAt(ledger, { s, i })) {
      yield chunk;
      i++;
    }
  }
}

/** How many of these chunks are not finished; of several it is enough to know that. */
export function leftOf(chunks: Iterable<Chunk>, finished?: ReadonlySet<number>): number {
  let left = 0;
  for (const { number } of chunks) {
    if (!finished?.has(number)) left++;
    if (left > 1) break;
  }
  return left;
}

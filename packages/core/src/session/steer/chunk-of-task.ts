import { chunkAt } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Ledger } from "../../protocol/ledger.ts";

/** The chunk with the task of this index in the session. undefined: it is behind the last one. */
export function chunkOfTask(ledger: Ledger, task: number): Chunk | undefined {
  const { segments } = ledger;
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle]?.task ?? 0) <= task) low = middle;
    else high = middle - 1;
  }
  const row = segments[low];
  return row && task < row.task + row.count
    ? chunkAt(ledger, { s: low, i: Math.floor((task - row.task) / row.chunk) })
    : undefined;
}

import type { Chunk } from "../../protocol/chunk.ts";
import { parseOdd } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import type { Cursor } from "./cursor.ts";
import { endOf } from "./cursor.ts";
import { ledgerAtLevel } from "./ledger-at.ts";
import type { Place } from "../place.ts";
import { chunkAt } from "../../protocol/chunk.ts";

/** What an earlier reading told, as far as that matters to one that goes on behind it. */
export interface ToldBefore {
  /** Something of the chunk did not succeed: only such a chunk can have been run again. */
  odd(chunk: Chunk): boolean;
  /** Retry grants of the chunk's submission when the ledger had so many of them. */
  grants(chunk: Chunk, level: number): number;
}

/** One listing of what did not succeed, and the ledger as it was at each of the cursor's levels. */
export async function toldBefore(
  { facts, keys, view }: Pick<Place, "facts" | "keys" | "view">,
  cursor: Cursor,
): Promise<ToldBefore> {
  const now = view.current;
  const ledgers = new Map<number, Ledger>();
  for (const { level } of cursor)
    if (!ledgers.has(level)) ledgers.set(level, await ledgerAtLevel(facts, keys, now, level));
  return {
    odd: await oddChunks(),
    grants: ({ row }, level) => ledgers.get(level)?.submissions[row.submission]?.grants.length ?? 0,
  };

  async function oddChunks(): Promise<(chunk: Chunk) => boolean> {
    const odd = new Set<number>();
    for await (const { entries } of facts.list(keys.odds)) {
      for (const { key } of entries) {
        const chunk = chunkAt(now, parseOdd(key.slice(keys.odds.length)));
        if (!chunk || chunk.task >= endOf(cursor)) return ({ number }) => odd.has(number);
        odd.add(chunk.number);
      }
    }
    return ({ number }) => odd.has(number);
  }
}

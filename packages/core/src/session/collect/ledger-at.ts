import { parseEntry } from "../../protocol/entry.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Entry, Ledger } from "../../protocol/ledger.ts";
import { ledgerAt } from "../../protocol/read-ledger.ts";

/**
 * The ledger as it was when it held so many retry grants and no more were to come for an entry or longer: the newest fold of
 * that level. Some GETs, found by halving: each entry tells its level.
 */
export async function ledgerAtLevel(facts: Facts, keys: SessionKeys, now: Ledger, level: number): Promise<Ledger> {
  if (level >= now.grants) return now;
  let low = 0;
  let high = now.rev;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((await entryAt(facts, keys, middle)).totals.grants <= level) low = middle;
    else high = middle - 1;
  }
  return (await ledgerAt(facts, keys, low)) ?? now;
}

async function entryAt(facts: Facts, keys: SessionKeys, rev: number): Promise<Entry> {
  const bytes = await facts.get(keys.manifest(rev));
  if (!bytes) throw new Error(`The store lost ${keys.manifest(rev)}.`);
  return parseEntry(bytes);
}

import { chunkNumbered } from "./chunk.ts";
import type { Ledger } from "./ledger.ts";
import { parseDone, parseLease, parseOdd } from "./keys.ts";
import type { LeaseId, SessionKeys, TurnId } from "./keys.ts";
import type { Facts } from "./facts.ts";

/** What key names tell of a chunk. */
export type Standing =
  /** Nobody leased it yet. */
  | { readonly kind: "fresh" }
  /** Every task has its outcome, and all succeeded. */
  | { readonly kind: "finished" }
  /** Turn t is done and not all of it succeeded: its `done` says whether there is another turn. */
  | { readonly kind: "odd"; readonly t: number }
  /** The newest lease, whose turn is not done. `modified` is when it was created, on the store's clock. */
  | { readonly kind: "held"; readonly id: LeaseId; readonly modified: number };

/** Leases that one look reads: a full page of most stores. */
const pageSize = 1000;

/** The newest lease of each chunk, as far as one page of leases tells. */
export interface LeasePage {
  /** Running numbers of the chunks told, from `from` up to but not including `to`. */
  readonly from: number;
  readonly to: number;
  /** By running number. Who is not among them was not leased when the page was. `modified`: as in {@link Standing}. */
  readonly newest: ReadonlyMap<number, { readonly id: LeaseId; readonly modified: number }>;
  /** The store's clock. */
  readonly now: number;
}

export interface Scan extends Pick<LeasePage, "from" | "to" | "now"> {
  /** By running number. */
  readonly standings: ReadonlyMap<number, Standing>;
}

/** Who was leased of the chunks from number `from` on: one LIST of `lease/`. */
export async function leasePage(facts: Facts, keys: SessionKeys, ledger: Ledger, from: number): Promise<LeasePage> {
  const first = chunkNumbered(ledger, from);
  if (!first) return { from, to: from, newest: new Map(), now: await facts.now() };
  const newest = new Map<number, { id: LeaseId; modified: number }>();
  let to = from + 1;
  let now = 0;
  let seen = 0;
  for await (const page of facts.list(keys.leases, { after: keys.leases + keys.chunk(first) })) {
    now = page.now;
    for (const { key, modified } of page.entries) {
      const id = parseLease(key.slice(keys.leases.length));
      const number = numberOf(ledger, id);
      // Keys come in order, so the newest lease of a chunk comes last.
      if (number !== undefined) newest.set(number, { id, modified });
      to = number ?? to;
    }
    seen += page.entries.length;
    // A store's own pages may be shorter: what stands behind one of them is not fresh.
    if (seen >= pageSize) break;
  }
  // Of the last chunk of a full page there may be more on the next one.
  to = seen < pageSize ? ledger.chunks : Math.max(to, from + 1);
  return { from, to, newest, now };
}

/**
 * How the chunks from number `from` on stand, as far as one page of leases tells: one LIST of `lease/`, and the same range
 * of `done/` and, when something is done, of `odd/`. In this order: what a later listing shows can only be newer.
 */
export async function scan(facts: Facts, keys: SessionKeys, ledger: Ledger, from: number): Promise<Scan> {
  const { to, newest, now } = await leasePage(facts, keys, ledger, from);
  const first = chunkNumbered(ledger, from);
  if (!first) return { from, to, standings: new Map(), now };
  const range = { after: keys.chunk(first), to };
  const done = await highestTurns(facts, ledger, { prefix: keys.dones, parse: parseDone }, range);
  const odd =
    done.size > 0
      ? await highestTurns(facts, ledger, { prefix: keys.odds, parse: parseOdd }, range)
      : new Map<number, number>();
  const standings = new Map<number, Standing>();
  for (let number = from; number < to; number++)
    standings.set(number, standing(newest.get(number), done.get(number), odd.get(number)));
  return { from, to, standings, now };
}

function standing(
  lease: { id: LeaseId; modified: number } | undefined,
  done: number | undefined,
  odd: number | undefined,
): Standing {
  // A turn opened after the leases were listed shows by its `done` alone.
  if (done !== undefined && done >= (lease?.id.t ?? 0))
    return odd === undefined ? { kind: "finished" } : { kind: "odd", t: done };
  return lease ? { kind: "held", ...lease } : { kind: "fresh" };
}

/** By running number, the highest turn that objects under `prefix` name, from the chunk behind `after` up to `to`. */
async function highestTurns(
  facts: Facts,
  ledger: Ledger,
  { prefix, parse }: { readonly prefix: string; readonly parse: (name: string) => TurnId },
  { after, to }: { readonly after: string; readonly to: number },
): Promise<Map<number, number>> {
  const highest = new Map<number, number>();
  for await (const page of facts.list(prefix, { after: prefix + after })) {
    for (const { key } of page.entries) {
      const id = parse(key.slice(prefix.length));
      const number = numberOf(ledger, id);
      if (number === undefined || number >= to) return highest;
      // Keys come in order, so the highest turn of a chunk comes last.
      highest.set(number, id.t);
    }
  }
  return highest;
}

/** undefined: a chunk of an entry that this ledger has not read yet. */
function numberOf(ledger: Ledger, { s, i }: LeaseId | { s: number; i: number }): number | undefined {
  const row = ledger.segments[s];
  return row && row.firstChunk + i;
}

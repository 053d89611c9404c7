import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseLease, parsePart } from "../../protocol/keys.ts";
import type { LeaseId, SessionKeys } from "../../protocol/keys.ts";
import { parseJson } from "../../protocol/lines.ts";

/**
 * When each process that was killed had last committed something, as far as others had to go on with what it held: what ran since is lost.
 * By `<n>.<j>`, on the store's clock; processes of which nothing was taken over are not in it. A listing, and for each turn that was taken over one
 * of its parts and a read for each of its owners.
 *
 * @param ends When they ended.
 */
export async function lastCommits(
  facts: Facts,
  keys: SessionKeys,
  ends: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>();
  if (ends.size === 0) return last;
  const leases = (await listAll(facts, keys.leases)).entries.map(({ key, modified }) => ({
    id: parseLease(key.slice(keys.leases.length)),
    modified,
  }));
  for (const [n, { id, modified }] of leases.entries()) {
    const next = leases[n + 1];
    if (!next || !isSameTurn(id, next.id)) continue;
    const owner = await ownerOf(facts, keys, id);
    const end = owner === undefined ? undefined : ends.get(owner);
    if (owner === undefined || end === undefined) continue;
    const committed = await newestPart(facts, keys, id, end);
    last.set(owner, Math.max(last.get(owner) ?? 0, modified, committed));
  }
  return last;
}

function isSameTurn(a: LeaseId, b: LeaseId): boolean {
  return a.s === b.s && a.i === b.i && a.t === b.t;
}

async function ownerOf(facts: Facts, keys: SessionKeys, id: LeaseId): Promise<string | undefined> {
  const bytes = await facts.get(keys.lease(id));
  const { owner = "" } = bytes ? (parseJson(bytes) as { readonly owner?: string }) : {};
  return /^(\d+\.\d+)\./.exec(owner)?.[1];
}

async function newestPart(facts: Facts, keys: SessionKeys, id: LeaseId, until: number): Promise<number> {
  let newest = 0;
  for (const { key, modified } of (await listAll(facts, keys.partsOf(id))).entries)
    if (parsePart(key.slice(keys.parts.length)).t === id.t && modified <= until) newest = Math.max(newest, modified);
  return newest;
}

import { parseCommit } from "../../../protocol/commit.ts";
import { parseEntry } from "../../../protocol/entry.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Entry, Ledger } from "../../../protocol/ledger.ts";
import { parseJson } from "../../../protocol/lines.ts";

/**
 * Workers that crashed since the newest success, or since somebody resumed the session: counted from facts, so that whoever
 * supervises comes to the same number. Listings of all commits, and a read of each death that counts; for the rare moment at
 * which it may be too many.
 */
export async function deathsInARow(facts: Facts, keys: SessionKeys, ledger: Ledger): Promise<number> {
  const since = Math.max(await newestSuccess(facts, keys), await newestEntry(facts, keys, ledger, resumes));
  const { entries } = await listAll(facts, keys.gones);
  let deaths = 0;
  for (const { key, modified } of entries) {
    if (modified <= since) continue;
    const bytes = await facts.get(key);
    const { reason } = bytes ? (parseJson(bytes) as { readonly reason?: string }) : {};
    if (reason === "crash" || reason === "oom") deaths++;
  }
  return deaths;
}

async function newestSuccess(facts: Facts, keys: SessionKeys): Promise<number> {
  const listed = await Promise.all([listAll(facts, keys.dones), listAll(facts, keys.parts)]);
  const commits = listed.flatMap(({ entries }) => entries).sort((a, b) => b.modified - a.modified);
  for (const { key, modified } of commits) {
    const bytes = await facts.get(key);
    if (bytes && parseCommit(bytes).header.succeeded > 0) return modified;
  }
  return Number.NEGATIVE_INFINITY;
}

/** How far back an entry is looked for: one that is older counts as this old. */
const mostEntries = 64;

/**
 * When the newest ledger entry was written of which `is` holds, on the store's clock; of none, never. One LIST of the newest
 * entries, and reads from the last one back.
 */
export async function newestEntry(
  facts: Facts,
  keys: SessionKeys,
  { rev }: Ledger,
  is: (entry: Entry) => boolean,
): Promise<number> {
  const after = rev < mostEntries ? undefined : keys.manifest(rev - mostEntries);
  const { entries } = await listAll(facts, keys.manifests, { after });
  for (const { key, modified } of entries.reverse()) {
    const bytes = await facts.get(key);
    if (bytes && is(parseEntry(bytes))) return modified;
  }
  return Number.NEGATIVE_INFINITY;
}

function resumes({ operations }: Entry): boolean {
  return operations.some(({ op }) => op === "resume");
}

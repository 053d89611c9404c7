import { facts as factsOf } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import { indexKey, indexPrefix, sessionKeys } from "../protocol/keys.ts";
import { appendEntry, readLedger } from "../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../runtime.ts";
import type { StateStore } from "../store.ts";
import { readSessionEntry } from "./sessions.ts";

/**
 * A session in which nothing was written for this long, by the store's clock, has nobody left: workers, clients and readers
 * each write something every third of the TTL. In milliseconds.
 */
const silence = 86_400_000;

/**
 * Deletes the sessions that have expired and in which nobody lives, and tells their ids. What the signal interrupts goes on
 * with the next call: the index entry goes last.
 */
export async function sweepSessions(store: StateStore, signal?: AbortSignal): Promise<string[]> {
  const facts = factsOf(store, systemRuntime);
  const swept: string[] = [];
  for await (const page of facts.list(indexPrefix)) {
    for (const { key, modified } of page.entries) {
      // Ids begin with the time: all that follow are younger.
      if (modified > page.now - silence) return swept;
      const id = key.slice(indexPrefix.length);
      const entry = await readSessionEntry(facts, id);
      if (signal?.aborted) return swept;
      if (entry?.expires === undefined || entry.expires > page.now || !(await silent(facts, id))) continue;
      if (await remove(facts, id, signal)) swept.push(id);
    }
  }
  return swept;
}

async function silent(facts: Facts, id: string): Promise<boolean> {
  for await (const page of facts.list(sessionKeys(id).root)) {
    if (page.entries.some(({ modified }) => modified > page.now - silence)) return false;
  }
  return true;
}

/** The fence first: a worker that sleeps through all this leases nothing when it wakes. Then everything but the ledger, the ledger with its newest entry last, the index: whatever is left says what it belonged to. */
async function remove(facts: Facts, id: string, signal?: AbortSignal): Promise<boolean> {
  const { store, list } = facts;
  const keys = sessionKeys(id);
  const { root, manifests } = keys;
  const ledger = await readLedger(facts, keys);
  if (ledger && !ledger.removed)
    await appendEntry(facts, keys, ledger, {
      actor: `sweep.${randomText(systemRuntime, 8)}`,
      ordinal: 0,
      operations: [{ op: "remove" }],
    });
  for await (const page of list(root)) {
    await store.delete(page.entries.map(({ key }) => key).filter((key) => !key.startsWith(manifests)));
    if (signal?.aborted) return false;
  }
  for await (const page of list(manifests)) for (const { key } of page.entries) await store.delete([key]);
  await store.delete([indexKey(id)]);
  return true;
}

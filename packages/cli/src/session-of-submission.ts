import { listSessions } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";

/**
 * The session of this name in which the submission was begun; or one to which nobody has submitted anything, as a submitter
 * leaves it that was killed before its first entry. The newest of them.
 */
export async function sessionOfSubmission(
  store: StateStore,
  name: string,
  submission: string,
): Promise<string | undefined> {
  const facts = factsOf(store, systemRuntime);
  let empty: string | undefined;
  for (const { id } of (await listSessions(store)).filter((entry) => entry.name === name).reverse()) {
    const ledger = await readLedger(facts, sessionKeys(id));
    if (ledger?.submissions.some((known) => known.id === submission)) return id;
    if (ledger?.submissions.length === 0 && !ledger.cancelled && !ledger.removed) empty ??= id;
  }
  return empty;
}

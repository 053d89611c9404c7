import { entryBody, parseEntry } from "./entry.ts";
import { fold, snapshotEvery, stateOf, totals } from "./fold.ts";
import type { Entry, Ledger, Operation } from "./ledger.ts";
import type { SessionKeys } from "./keys.ts";
import { listAll } from "./facts.ts";
import type { Facts } from "./facts.ts";

/**
 * The fold of all entries.
 *
 * @param newest A rev known to exist, as a launch argument tells; without it, the newest is looked up by one LIST.
 * @returns undefined when there is no such session.
 */
export async function readLedger(facts: Facts, keys: SessionKeys, newest?: number): Promise<Ledger | undefined> {
  const known = newest ?? (await newestRev(facts, keys));
  if (known === undefined) return undefined;
  // Every 64th entry holds the whole fold.
  let ledger: Ledger | undefined;
  for (let rev = known - (known % snapshotEvery); rev <= known; rev++) {
    const bytes = await facts.get(keys.manifest(rev));
    if (!bytes) return rev === 0 ? undefined : ledger;
    ledger = fold(ledger, parseEntry(bytes));
  }
  return ledger && followLedger(facts, keys, ledger);
}

async function newestRev(facts: Facts, keys: SessionKeys): Promise<number | undefined> {
  const { entries } = await listAll(facts, keys.manifests);
  const last = entries.at(-1);
  return last && Number(last.key.slice(keys.manifests.length));
}

/** The ledger with the entries that came since: one GET each, and one that finds none. The same object if there is none. */
export async function followLedger(facts: Facts, keys: SessionKeys, ledger: Ledger): Promise<Ledger> {
  for (let next = ledger; ;) {
    const bytes = await facts.get(keys.manifest(next.rev + 1));
    if (!bytes) return next;
    next = fold(next, parseEntry(bytes));
  }
}

/**
 * Adds an entry behind all others. Its identity is (actor, ordinal): a slot that somebody else took is read and passed, one
 * that turns out to be this very entry, written in an earlier life, is success.
 *
 * @param admissible Asked against the fold that the entry would follow; false gives up, as when the submission was ended.
 */
export async function appendEntry(
  facts: Facts,
  keys: SessionKeys,
  ledger: Ledger | undefined,
  writing: { readonly actor: string; readonly ordinal: number; readonly operations: readonly Operation[] },
  admissible: (ledger: Ledger) => boolean = () => true,
): Promise<{ readonly ledger: Ledger; readonly written: boolean }> {
  let current = ledger;
  for (;;) {
    const rev = (current?.rev ?? -1) + 1;
    if (current && (current.removed || !admissible(current))) return { ledger: current, written: false };
    const entry = complete(current, rev, writing);
    const key = keys.manifest(rev);
    if (await facts.create(key, entryBody(entry))) return { ledger: fold(current, entry), written: true };
    const bytes = await facts.get(key);
    if (!bytes) throw new Error(`The store says that ${key} is there and does not give it.`);
    const taken = parseEntry(bytes);
    current = fold(current, taken);
    if (taken.actor === writing.actor && taken.ordinal === writing.ordinal) return { ledger: current, written: true };
  }
}

function complete(
  before: Ledger | undefined,
  rev: number,
  writing: Pick<Entry, "actor" | "ordinal" | "operations">,
): Entry {
  const { actor, ordinal, operations } = writing;
  const bare: Entry = {
    v: 1,
    rev,
    actor,
    ordinal,
    operations,
    totals: { tasks: 0, segments: 0, chunks: 0, submissions: 0, open: 0, state: "open", grants: 0 },
  };
  const after = fold(before, bare);
  const entry: Entry = { ...bare, totals: totals(after) };
  return rev > 0 && rev % snapshotEvery === 0 ? { ...entry, fold: after } : entry;
}

/** Nothing can be added any more, by anyone. */
export function closed(ledger: Ledger): boolean {
  const state = stateOf(ledger);
  return state === "ended" || state === "cancelled" || state === "removed";
}

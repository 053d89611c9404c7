import { behindEntry, entryBody, parseEntry } from "./entry.ts";
import { fold, holdsFold, stateOf, totals } from "./fold.ts";
import type { Entry, Ledger, Operation } from "./ledger.ts";
import type { SessionKeys } from "./keys.ts";
import { listAll } from "./facts.ts";
import type { Facts } from "./facts.ts";

/** The fold of all entries: one LIST tells which is the newest. undefined: there is no such session. */
export async function readLedger(facts: Facts, keys: SessionKeys): Promise<Ledger | undefined> {
  const newest = await newestRev(facts, keys);
  return newest === undefined ? undefined : ledgerAt(facts, keys, newest);
}

/**
 * The fold as far as a worker needs it to begin: up to the entry that it was told of, or to the first one behind it that brings
 * work. What came since, its looks at the ledger will tell. undefined: there is no such session.
 *
 * @param rev An entry that is there, or the next one, which somebody is about to write.
 */
export async function joinLedger(
  facts: Facts,
  keys: SessionKeys,
  rev: number,
  heard?: Heard,
): Promise<Ledger | undefined> {
  const known =
    (await ledgerAt(facts, keys, rev, heard)) ?? (rev > 0 ? await ledgerAt(facts, keys, rev - 1, heard) : undefined);
  let ledger = known;
  while (ledger && ledger.chunks === 0) {
    // What was not there a moment ago need not be asked for again.
    if (ledger.rev < rev) break;
    const entry = await readEntry(facts, keys, ledger.rev + 1, heard);
    if (!entry) break;
    ledger = fold(ledger, entry);
  }
  return ledger;
}

/** The fold of the entries up to this one: one GET while it is small, else one for each entry since the newest that holds it. */
export async function ledgerAt(
  facts: Facts,
  keys: SessionKeys,
  rev: number,
  heard?: Heard,
): Promise<Ledger | undefined> {
  const entries: Entry[] = [];
  for (let at = rev; at >= 0 && entries.at(-1)?.fold === undefined; at--) {
    const entry = await readEntry(facts, keys, at, heard);
    if (!entry) return undefined;
    entries.push(entry);
  }
  return entries.reduceRight<Ledger | undefined>(fold, undefined);
}

async function newestRev(facts: Facts, keys: SessionKeys): Promise<number | undefined> {
  const { entries } = await listAll(facts, keys.manifests);
  const last = entries.at(-1);
  return last && Number(last.key.slice(keys.manifests.length));
}

/** The ledger with the entries that came since: one GET each, and one that finds none. The same object if there is none. */
export async function followLedger(facts: Facts, keys: SessionKeys, ledger: Ledger, heard?: Heard): Promise<Ledger> {
  for (let next = ledger; ;) {
    const entry = await readEntry(facts, keys, next.rev + 1, heard);
    if (!entry) return next;
    next = fold(next, entry);
  }
}

/** Told of each entry that is read and has inputs behind it, with its whole body. */
export type Heard = (rev: number, body: Uint8Array) => void;

async function readEntry(
  facts: Facts,
  keys: SessionKeys,
  rev: number,
  heard: Heard = ignore,
): Promise<Entry | undefined> {
  const bytes = await facts.get(keys.manifest(rev));
  if (bytes && behindEntry(bytes)) heard(rev, bytes);
  return bytes && parseEntry(bytes);
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
  { inputs, ...writing }: Writing,
  admissible: (ledger: Ledger) => boolean = () => true,
): Promise<Written> {
  let current = ledger;
  for (;;) {
    const rev = (current?.rev ?? -1) + 1;
    if (current && (current.removed || !admissible(current))) return { ledger: current, written: false, exact: false };
    const { entry, after } = complete(current, rev, writing);
    const key = keys.manifest(rev);
    if (await facts.create(key, entryBody(entry, inputs))) return { ledger: after, written: true, exact: true };
    const bytes = await facts.get(key);
    if (!bytes) throw new Error(`The store says that ${key} is there and does not give it.`);
    const taken = parseEntry(bytes);
    current = fold(current, taken);
    if (taken.actor === writing.actor && taken.ordinal === writing.ordinal)
      return { ledger: current, written: true, exact: false };
  }
}

/** An entry that somebody wants to add. */
export interface Writing {
  readonly actor: string;
  readonly ordinal: number;
  readonly operations: readonly Operation[];
  /** Lines of the segments whose inputs ride behind it. */
  readonly inputs?: readonly Uint8Array[];
}

export interface Written {
  readonly ledger: Ledger;
  readonly written: boolean;
  /** It is what was to be written, byte for byte; else it may be what somebody else wrote in the same name. */
  readonly exact: boolean;
}

function complete(
  before: Ledger | undefined,
  rev: number,
  writing: Pick<Entry, "actor" | "ordinal" | "operations">,
): { readonly entry: Entry; readonly after: Ledger } {
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
  return { entry: rev > 0 && holdsFold(after) ? { ...entry, fold: after } : entry, after };
}

function ignore(): void {
  // What rides behind entries is of no use to whoever wants the ledger only.
}

/** Nothing can be added any more, by anyone. */
export function closed(ledger: Ledger): boolean {
  const state = stateOf(ledger);
  return state === "ended" || state === "cancelled" || state === "removed";
}

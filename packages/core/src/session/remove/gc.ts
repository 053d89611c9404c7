import { facts as factsOf, listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseEntry } from "../../protocol/entry.ts";
import { jsonBody } from "../../protocol/lines.ts";
import { closed, readLedger } from "../../protocol/read-ledger.ts";
import { indexPrefix, sessionKeys } from "../../protocol/keys.ts";
import { randomText, systemRuntime } from "../../runtime.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { deleteLedger, deleteObjects } from "./delete-objects.ts";
import type { Amount } from "./delete-objects.ts";
import { LedgerView } from "../ledger-view.ts";
import { orphanedBy, sessionsWithWorkers } from "./orphans.ts";
import type { OrphanReason, SweptBackend } from "./orphans.ts";
import { fence } from "./remove-session.ts";
import { removedKey, removedPrefix } from "./removed-mark.ts";
import { readSessionEntry } from "../sessions.ts";
import { stopWorkers } from "./stop-workers.ts";

/**
 * A session in which nothing was written for this long, by the store's clock, has nobody left: workers, clients and readers
 * each write something every third of the TTL. And what slept through a session's end has woken, or never will. In milliseconds.
 */
const silence = 86_400_000;

export interface GcOptions {
  /**
   * Whose workers are stopped that are left: of sessions that are taken away; and, where it tells which sessions have workers, of those of
   * this store that were removed, that are long over, that the store does not know any more, or that nobody attends and whose workers
   * have said nothing for as long as one may take to start.
   */
  readonly backend?: SweptBackend | undefined;
  /** Takes away sessions as well that have ended and in which nothing was written for so long, in milliseconds. Default: none. */
  readonly olderThan?: number | undefined;
  /** Only tells what it would do. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Asks no ledger which session is removed: one whose remover was killed behind its fence stays. Default false. */
  readonly quick?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/** A session that was taken away, or would be; or only its workers. */
export interface Garbage extends Amount {
  readonly id: string;
  readonly name?: string | undefined;
  readonly because: GarbageReason;
  /** Worker processes of it that were stopped, or would be. */
  readonly workers: number;
}

/**
 * It was removed and something of it was left, it has expired, or it is older than was asked for. `over`, `unknown`, `silent`: only workers
 * were left, of a session in which all is done, that the store does not know, or that nobody attends and of whose workers nothing is heard.
 */
export type GarbageReason = "removed" | "expired" | "old" | OrphanReason;

/**
 * Takes away what is left of removed sessions, and sessions that have expired and in which nobody lives, one after the other, as they
 * are found. What is interrupted goes on with the next call: the index entry goes last.
 */
export async function* gc(store: StateStore, options: GcOptions = {}): AsyncGenerator<Garbage> {
  const facts = factsOf(store, options.runtime ?? systemRuntime);
  const working = new Set(await sessionsWithWorkers(store, options.backend, options.signal));
  // Marks first: each session of one that is listed here was there before.
  const removed = new Set(
    (await listAll(facts, removedPrefix)).entries.map(({ key }) => key.slice(removedPrefix.length)),
  );
  const { entries, now } = await listAll(facts, indexPrefix);
  // Who deleted the last of a session may not have lived to delete its mark.
  const known = new Set(entries.map(({ key }) => key.slice(indexPrefix.length)));
  const marks = [...removed].filter((id) => !known.has(id)).map(removedKey);
  if (marks.length > 0 && options.dryRun !== true) await facts.delete(marks);
  for (const { key, modified } of entries) {
    if (options.signal?.aborted) return;
    const id = key.slice(indexPrefix.length);
    const found = await judge(facts, id, { ...options, removed: removed.has(id), age: now - modified, now });
    if (!found) continue;
    const taken = await take(facts, id, found, options);
    working.delete(id);
    if (taken.objects + taken.workers > 0) yield { id, ...found.named, because: found.because, ...taken };
  }
  yield* sweepWorkers(facts, working, options);
}

/** Workers that were left behind, of sessions of which nothing else is taken away. */
async function* sweepWorkers(facts: Facts, sessions: Iterable<string>, options: GcOptions): AsyncGenerator<Garbage> {
  for (const id of sessions) {
    if (options.signal?.aborted) return;
    const because = await orphanedBy(facts, id, options.runtime ?? systemRuntime);
    const workers = because ? await stopWorkers(id, options) : 0;
    if (because && workers > 0) yield { id, because, objects: 0, bytes: 0, workers };
  }
}

interface Found {
  readonly because: GarbageReason;
  readonly named: { readonly name?: string };
  /** Nothing was written for a day: the ledger can go, too. */
  readonly silent: boolean;
}

async function judge(
  facts: Facts,
  id: string,
  options: GcOptions & { readonly removed: boolean; readonly age: number; readonly now: number },
): Promise<Found | undefined> {
  const { age, now, olderThan = Number.POSITIVE_INFINITY } = options;
  if (!options.removed && age < Math.min(silence, olderThan)) return undefined;
  const removed = options.removed || (options.quick !== true && age >= silence && (await isFenced(facts, id)));
  const entry = await readSessionEntry(facts, id);
  const named = entry?.name === undefined ? {} : { name: entry.name };
  const expired = entry?.expires !== undefined && entry.expires <= now && age >= silence;
  if (!removed && !expired && age < olderThan) return undefined;
  const quiet = await silenceOf(facts, id, removed);
  const silent = quiet >= silence;
  if (removed) return { because: "removed", named, silent };
  if (expired && silent) return { because: "expired", named, silent };
  return quiet >= olderThan && (await hasEnded(facts, id)) ? { because: "old", named, silent } : undefined;
}

/** Its remover may have been killed behind the fence, before the mark by which lists know of it. One LIST and a read. */
async function isFenced(facts: Facts, id: string): Promise<boolean> {
  const newest = (await listAll(facts, sessionKeys(id).manifests)).entries.at(-1);
  const bytes = newest && (await facts.get(newest.key));
  return bytes !== undefined && parseEntry(bytes).operations.some(({ op }) => op === "remove");
}

/** How long ago something was written to the session, in milliseconds; of a removed one, when it was removed. */
async function silenceOf(facts: Facts, id: string, removed: boolean): Promise<number> {
  const keys = sessionKeys(id);
  let least = Number.POSITIVE_INFINITY;
  for await (const { entries, now } of facts.list(removed ? keys.manifests : keys.root))
    for (const { modified } of entries) least = Math.min(least, now - modified);
  return least;
}

/** Of an open session, or a paused one, nobody knows whether it is waited for. */
async function hasEnded(facts: Facts, id: string): Promise<boolean> {
  const ledger = await readLedger(facts, sessionKeys(id));
  return ledger === undefined || closed(ledger);
}

async function take(
  facts: Facts,
  id: string,
  { because, silent }: Found,
  options: GcOptions,
): Promise<Amount & { readonly workers: number }> {
  const { dryRun = false, signal, runtime = systemRuntime } = options;
  const keys = sessionKeys(id);
  if (!dryRun) {
    const ledger = because === "removed" ? undefined : await readLedger(facts, keys);
    const client = `client.${randomText(runtime, 8)}`;
    // Said already, mostly.
    if (because === "removed") await facts.create(removedKey(id), jsonBody({ v: 1, by: client }));
    if (ledger) await fence({ id, facts, keys, runtime, client, view: new LedgerView(facts, keys, ledger, client) });
  }
  const workers = await stopWorkers(id, options);
  const objects = await deleteObjects(facts, keys, { dryRun, signal });
  const ledger =
    silent && signal?.aborted !== true ? await deleteLedger(facts, keys, id, { dryRun }) : { objects: 0, bytes: 0 };
  return {
    objects: objects.objects + ledger.objects,
    bytes: objects.bytes + ledger.bytes,
    workers,
  };
}

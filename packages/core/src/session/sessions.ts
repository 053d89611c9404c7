import { SkyburstError } from "../errors.ts";
import { facts as factsOf, listAll } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import { indexKey, indexPrefix } from "../protocol/keys.ts";
import { parseJson } from "../protocol/lines.ts";
import { systemRuntime } from "../runtime.ts";
import type { Runtime } from "../runtime.ts";
import type { StateStore } from "../store.ts";
import { removedPrefix } from "./remove/removed-mark.ts";

/** A session as the index of its store tells of it. */
export interface SessionEntry {
  readonly id: string;
  readonly name?: string | undefined;
  /** Milliseconds since the epoch, on the store's clock. */
  readonly created: number;
  /** From when on it may be swept; undefined: never. */
  readonly expires?: number | undefined;
  /** It was removed, and not all of it is taken away yet. */
  readonly removed?: true | undefined;
}

export interface ListSessionsOptions {
  /** Also those that were removed, as long as something of them is left. Default false. */
  readonly all?: boolean | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/** Index entries that are read at a time. */
const sideBySide = 32;

/** The sessions of a store, oldest first. One LIST, and a GET for each. */
export async function listSessions(store: StateStore, options: ListSessionsOptions = {}): Promise<SessionEntry[]> {
  const facts = factsOf(store, options.runtime ?? systemRuntime);
  const ids = (await listAll(facts, indexPrefix)).entries.map(({ key }) => key.slice(indexPrefix.length));
  const removed = new Set(
    (await listAll(facts, removedPrefix)).entries.map(({ key }) => key.slice(removedPrefix.length)),
  );
  const shown = options.all === true ? ids : ids.filter((id) => !removed.has(id));
  const sessions: SessionEntry[] = [];
  for (let at = 0; at < shown.length; at += sideBySide) {
    const read = await Promise.all(shown.slice(at, at + sideBySide).map((id) => readSessionEntry(facts, id)));
    for (const entry of read) if (entry) sessions.push(removed.has(entry.id) ? { ...entry, removed: true } : entry);
  }
  // Ids tell seconds only.
  return sessions.sort((a, b) => a.created - b.created);
}

/** undefined when it is not there, or no longer. */
export async function readSessionEntry(facts: Facts, id: string): Promise<SessionEntry | undefined> {
  const bytes = await facts.get(indexKey(id));
  if (!bytes) return undefined;
  const { created, name, expires } = parseJson(bytes) as Omit<SessionEntry, "id">;
  return { id, created, ...(name === undefined ? {} : { name }), ...(expires === undefined ? {} : { expires }) };
}

/**
 * The id of the session that is called so: by its id, by its name, of which the newest wins, or by a beginning that no other id has. A
 * removed one is found by its whole id only.
 *
 * @throws {SkyburstError} `session` when there is none, or more than one.
 */
export async function findSession(store: StateStore, called: string, runtime = systemRuntime): Promise<string> {
  // A whole id costs one request however many sessions there are.
  if (/^[0-9a-z]{7}-[0-9a-z]{4}$/.test(called) && (await readSessionEntry(factsOf(store, runtime), called)))
    return called;
  const sessions = await listSessions(store, { runtime });
  const beginning = sessions.filter(({ id }) => called !== "" && id.startsWith(called));
  const found =
    sessions.find(({ id }) => id === called) ??
    sessions.findLast(({ name }) => name === called) ??
    (beginning.length === 1 ? beginning[0] : undefined);
  if (found) return found.id;
  if (beginning.length > 1) {
    throw new SkyburstError(
      "session",
      `${beginning.length} sessions begin with ${JSON.stringify(called)}: ${beginning
        .slice(0, 5)
        .map(({ id }) => id)
        .join(", ")}. Give more of the id.`,
    );
  }
  throw new SkyburstError(
    "session",
    `There is no session ${JSON.stringify(called)} in this store. \`skyburst ls\` shows those that are.`,
  );
}

import { SkyburstError } from "../errors.ts";
import { facts as factsOf, listAll } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import { indexKey, indexPrefix } from "../protocol/keys.ts";
import { parseJson } from "../protocol/lines.ts";
import { systemRuntime } from "../runtime.ts";
import type { StateStore } from "../store.ts";

/** A session as the index of its store tells of it. */
export interface SessionEntry {
  readonly id: string;
  readonly name?: string | undefined;
  /** Milliseconds since the epoch, on the store's clock. */
  readonly created: number;
  /** From when on it may be swept; undefined: never. */
  readonly expires?: number | undefined;
}

/** The sessions of a store, oldest first. */
export async function listSessions(store: StateStore): Promise<SessionEntry[]> {
  const facts = factsOf(store, systemRuntime);
  const { entries } = await listAll(facts, indexPrefix);
  const sessions: SessionEntry[] = [];
  for (const { key } of entries) {
    const entry = await readSessionEntry(facts, key.slice(indexPrefix.length));
    if (entry) sessions.push(entry);
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
 * The id of the session that is called so: by its id, by a beginning that no other id has, or by its name, of which the
 * newest wins.
 *
 * @throws {SkyburstError} `session` when there is none, or more than one.
 */
export async function findSession(store: StateStore, called: string): Promise<string> {
  const sessions = await listSessions(store);
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

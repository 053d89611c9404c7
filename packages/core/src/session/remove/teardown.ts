import type { Backend, ManagedSession, Remnant } from "../../backend.ts";
import { SkyburstError } from "../../errors.ts";
import { facts as factsOf } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import { readLedger } from "../../protocol/read-ledger.ts";
import { storeId } from "../../protocol/store-id.ts";
import { systemRuntime } from "../../runtime.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { listSessions } from "../sessions.ts";
import { isDone, orphanedBy } from "./orphans.ts";
import { stopWorkers } from "./stop-workers.ts";

/** What leaves something behind, and can take it away. */
export type TornDownBackend = Pick<Backend, "name" | "list" | "stop" | "sessions" | "teardown">;

export interface TeardownOptions {
  /** Ends workers that run as well, whatever session and store they are of. Default false: while any do, nothing is removed. */
  readonly force?: boolean | undefined;
  /** Removes nothing, and only tells. Default false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

export interface TornDown {
  /** Workers that were ended, or would be. */
  readonly workers: number;
  /** What was removed, or would be. Where workers would be ended first, what these use is not told. */
  readonly removed: readonly Remnant[];
}

/**
 * Removes what a backend has left at its provider: workers of which nobody cares for, ended ones, and what was made for workers. Of
 * this store's sessions that go on, ended workers stay: somebody may yet ask how they ended.
 *
 * @throws {SkyburstError} `option`: workers run that somebody cares for, or may do, and `force` is not set.
 */
export async function teardown(
  store: StateStore,
  backend: TornDownBackend,
  options: TeardownOptions = {},
): Promise<TornDown> {
  const { force = false, dryRun = false, signal, runtime = systemRuntime } = options;
  const facts = factsOf(store, runtime);
  const working = (await backend.sessions?.({ signal })) ?? [];
  if (!force) await refuseBusy(facts, working, storeId(store.reference), backend.name, runtime);
  let workers = 0;
  for (const { sessionId } of working) workers += await stopWorkers(sessionId, { backend, dryRun, signal, runtime });
  const spare = force ? [] : await unfinished(store, facts, runtime);
  const removed = (await backend.teardown?.({ spare, dryRun, signal })) ?? [];
  return { workers, removed };
}

/** What another store says of its sessions can't be known here. */
async function refuseBusy(
  facts: Facts,
  working: readonly ManagedSession[],
  own: string,
  backend: string,
  runtime: Runtime,
): Promise<void> {
  const busy: string[] = [];
  for (const session of working) {
    if (session.storeId !== own) busy.push(`${session.sessionId} (of another store)`);
    else if (!(await orphanedBy(facts, session.sessionId, runtime))) busy.push(session.sessionId);
  }
  if (busy.length === 0) return;
  throw new SkyburstError(
    "option",
    `Workers run on ${backend}, of ${busy.length === 1 ? "the session" : "the sessions"} ${busy.join(", ")}: end what they do (\`skyburst cancel\`), or end them with \`--force\` (\`force: true\`).`,
  );
}

async function unfinished(store: StateStore, facts: Facts, runtime: Runtime): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { id } of await listSessions(store, { runtime })) {
    const keys = sessionKeys(id);
    const ledger = await readLedger(facts, keys);
    if (ledger && !ledger.removed && !(await isDone(facts, keys, ledger))) ids.push(id);
  }
  return ids;
}

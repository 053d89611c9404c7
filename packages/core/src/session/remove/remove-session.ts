import type { Backend } from "../../backend.ts";
import { facts as factsOf } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import { jsonBody } from "../../protocol/lines.ts";
import { readLedger } from "../../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../../runtime.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { deleteObjects } from "./delete-objects.ts";
import type { Amount } from "./delete-objects.ts";
import { findSession } from "../sessions.ts";
import { LedgerView } from "../ledger-view.ts";
import type { Place } from "../place.ts";
import { persistently } from "../supervise/persistently.ts";
import { readPresence } from "../status/presence.ts";
import { removedKey } from "./removed-mark.ts";

export interface RemoveOptions {
  /** Whose workers of the session are stopped. Default: they notice by themselves, and leave. */
  readonly backend?: Pick<Backend, "list" | "stop"> | undefined;
  /** Waits for no worker: none can be alive. Default false. */
  readonly now?: boolean | undefined;
  /** Stops in between; another call goes on. */
  readonly signal?: AbortSignal | undefined;
}

export interface Removed extends Amount {
  /** Worker processes that were stopped. */
  readonly stopped: number;
  /** All of the session is deleted but its ledger, which `gc` takes away a day later. false: the signal fired. */
  readonly complete: boolean;
}

/**
 * Removes a session: see {@link AttachedSession.remove}.
 *
 * @param called Its id, a beginning that no other id has, or its name.
 */
export async function removeSession(
  store: StateStore,
  called: string,
  options: RemoveOptions & { readonly runtime?: Runtime | undefined } = {},
): Promise<Removed> {
  const { runtime = systemRuntime } = options;
  const facts = factsOf(store, runtime);
  const id = await findSession(store, called, runtime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  // Of a session whose client died before it wrote anything there is only the index.
  if (!ledger) return { ...(await deleteObjects(facts, keys, options)), stopped: 0, complete: true };
  const client = `client.${randomText(runtime, 8)}`;
  return remove({ id, facts, keys, runtime, client, view: new LedgerView(facts, keys, ledger, client) }, options);
}

/** The fence, the workers, the objects, in this order: whoever sleeps through it leases nothing when it wakes. */
export async function remove(place: Place, options: RemoveOptions = {}): Promise<Removed> {
  const { facts, keys, id } = place;
  await fence(place);
  const stopped = new Set<string>();
  const { runtime, view } = place;
  const shortest = place.facts.store.pace.poll[0];
  const stopAll = async () => {
    const alive = await persistently(runtime, options.signal ?? never, () => stopWorkers(id, options));
    for (const worker of alive) stopped.add(worker);
    return alive.length;
  };
  for (let looks = 0; ; looks++) {
    const alive = await stopAll();
    if (options.now === true || options.signal?.aborted) break;
    // What a supervisor that had not heard of the fence started between the two looks is found by the second one.
    if (alive === 0 && (await allGone(place)) && (await stopAll()) === 0) break;
    await runtime.sleep(Math.min(shortest * 1.5 ** looks, view.current.session.ttl / 6), options.signal);
  }
  if (options.signal?.aborted) return { objects: 0, bytes: 0, stopped: stopped.size, complete: false };
  const deleted = await deleteObjects(facts, keys, options);
  return { ...deleted, stopped: stopped.size, complete: options.signal?.aborted !== true };
}

/** Nothing is leased or added behind it, and lists leave the session out. */
export async function fence({ facts, view, id, client }: Place): Promise<void> {
  await view.append({ operations: [{ op: "remove" }], admissible: () => true });
  await facts.create(removedKey(id), jsonBody({ v: 1, by: client }));
}

/** The signal of who gave none. */
const never = new AbortController().signal;

async function stopWorkers(id: string, { backend, signal }: RemoveOptions): Promise<readonly string[]> {
  if (!backend) return [];
  const alive = (await backend.list(id, { signal }))
    .filter(({ state }) => state !== "exited")
    .map((worker) => worker.id);
  if (alive.length > 0) await backend.stop(alive, { signal });
  return alive;
}

/**
 * Each worker said that it is gone, or nothing was heard of it for two TTLs behind the fence; and nobody else supervises, who might start
 * others before it hears of the fence.
 */
async function allGone({ facts, keys, view, client }: Place): Promise<boolean> {
  const { ttl } = view.current.session;
  const { workers, now, supervisor } = await readPresence(facts, keys, ttl);
  if (supervisor?.alive === true && supervisor.owner !== client) return false;
  const fenced = await fencedAt(facts, keys.manifest(view.current.rev), keys.manifests);
  return workers.every(({ heard }) => now - Math.max(heard, fenced) > 2 * ttl);
}

async function fencedAt(facts: Place["facts"], key: string, prefix: string): Promise<number> {
  for await (const { entries } of facts.list(prefix)) {
    const found = entries.find((entry) => entry.key === key);
    if (found) return found.modified;
  }
  return 0;
}

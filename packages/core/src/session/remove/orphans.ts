import type { Backend } from "../../backend.ts";
import type { Facts } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { readLedger } from "../../protocol/read-ledger.ts";
import { storeId } from "../../protocol/store-id.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { LedgerView } from "../ledger-view.ts";
import { readPresence } from "../status/presence.ts";
import { readStatus } from "../status/status.ts";

/** Whose workers are stopped. */
export type SweptBackend = Pick<Backend, "list" | "stop" | "sessions">;

/**
 * Sessions of this store that have workers, as the provider tells. What it says before the store is asked was in the store before: a session
 * is written before its first worker is launched. Those of other stores are nobody's business here.
 */
export async function sessionsWithWorkers(
  store: StateStore,
  backend: SweptBackend | undefined,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const own = storeId(store.reference);
  const all = (await backend?.sessions?.({ signal })) ?? [];
  return new Set(all.filter((session) => session.storeId === own).map(({ sessionId }) => sessionId));
}

/**
 * It is not known to the store, it was removed, all of it is over and its workers should have left by themselves, or it goes on, nobody
 * attends it, and nothing was heard of its workers since long.
 */
export type OrphanReason = "unknown" | "removed" | "over" | "silent";

/** Why workers of a session that is not taken away have nobody. undefined: they may have something to do. */
export async function orphanedBy(facts: Facts, id: string, runtime: Runtime): Promise<OrphanReason | undefined> {
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger) return "unknown";
  if (ledger.removed) return "removed";
  const { supervisor, clients, now } = await readPresence(facts, keys, ledger.session.ttl);
  if (supervisor?.alive === true) return undefined;
  const news = await newestWord(facts, keys);
  if (now - news > longestStay(ledger) && (await isDone(facts, keys, ledger))) return "over";
  if (clients.length > 0 || now - news <= longestSilence(ledger)) return undefined;
  // On a machine that has slept for long, everybody has: whoever lives says so within a third of the TTL.
  await runtime.sleep(ledger.session.ttl / 2);
  return (await newestWord(facts, keys)) === news ? "silent" : undefined;
}

/** Milliseconds that workers of a session stay at most once all is done, and until a silent one is given up. */
export function longestStay({ session: { linger, ttl } }: Ledger): number {
  return linger + 2 * ttl;
}

/** How long a worker may take to start, where nobody said it, in milliseconds: as long as nothing is heard of it. */
const longestStart = 600_000;

function longestSilence(ledger: Ledger): number {
  return Math.max(longestStay(ledger), ledger.session.startTimeout ?? longestStart);
}

/** When somebody launched, worked, or said that it lives or is gone, on the store's clock. */
async function newestWord(facts: Facts, keys: SessionKeys): Promise<number> {
  const { launches, answers, births, workers, gones, leases, parts, dones } = keys;
  let newest = 0;
  for (const prefix of [launches, answers, births, workers, gones, leases, parts, dones])
    for await (const { entries } of facts.list(prefix))
      for (const { modified } of entries) newest = Math.max(newest, modified);
  return newest;
}

/** Every task has its outcome. */
export async function isDone(facts: Facts, keys: SessionKeys, ledger: Ledger): Promise<boolean> {
  const { submissions, cancelled, rev } = ledger;
  if (!(cancelled || submissions.length > 0) || submissions.some(({ ended }) => !ended)) return false;
  if (await facts.get(keys.over(rev))) return true;
  const view = new LedgerView(facts, keys, ledger, "client.sweep");
  const status = await readStatus(facts, keys, view);
  return status.succeeded + status.failed + status.cancelled >= status.tasks;
}

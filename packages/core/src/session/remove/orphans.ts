import type { Backend } from "../../backend.ts";
import type { Facts } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { readLedger } from "../../protocol/read-ledger.ts";
import { storeId } from "../../protocol/store-id.ts";
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
 * Why workers of a session that is not taken away have nobody: the store does not know it, it was removed, or all of it is over and they
 * should have left by themselves. undefined: they may have something to do.
 */
export async function orphanedBy(facts: Facts, id: string): Promise<"unknown" | "removed" | "over" | undefined> {
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger) return "unknown";
  if (ledger.removed) return "removed";
  return (await isLongOver(facts, keys, ledger)) ? "over" : undefined;
}

/** Milliseconds that workers of a session stay at most once all is done, and until a silent one is given up. */
export function longestStay({ session: { linger, ttl } }: Ledger): number {
  return linger + 2 * ttl;
}

/** Every task has its outcome, and neither who keeps the workers nor they themselves said anything for longer than they stay. */
async function isLongOver(facts: Facts, keys: SessionKeys, ledger: Ledger): Promise<boolean> {
  const { submissions, cancelled, session } = ledger;
  if (!(cancelled || submissions.length > 0) || submissions.some(({ ended }) => !ended)) return false;
  const { workers, lives, supervisor, now } = await readPresence(facts, keys, session.ttl);
  if (supervisor?.alive === true) return false;
  const newest = Math.max(...[...workers, ...lives].map(({ heard }) => heard), ...lives.map(({ gone = 0 }) => gone));
  if (now - newest <= longestStay(ledger)) return false;
  if (await facts.get(keys.over(ledger.rev))) return true;
  const {
    tasks,
    succeeded,
    failed,
    cancelled: ended,
  } = await readStatus(facts, keys, new LedgerView(facts, keys, ledger, "client.sweep"));
  return succeeded + failed + ended >= tasks;
}

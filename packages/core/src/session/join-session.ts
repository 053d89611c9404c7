import { SkyburstError } from "../errors.ts";
import { facts as factsOf } from "../protocol/facts.ts";
import { sessionKeys } from "../protocol/keys.ts";
import { readLedger } from "../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../runtime.ts";
import type { Runtime } from "../runtime.ts";
import type { StateStore } from "../store.ts";
import { LedgerView } from "./ledger-view.ts";
import type { Place } from "./place.ts";
import { findSession } from "./sessions.ts";
import { removedSession } from "./standing-session.ts";

/**
 * Comes to a session that is there. Nothing is written.
 *
 * @param called Its id, a beginning that no other id has, or its name.
 * @throws {SkyburstError} `session` when there is none, more than one, or it was removed.
 */
export async function joinSession(store: StateStore, called: string, runtime: Runtime = systemRuntime): Promise<Place> {
  const id = await findSession(store, called, runtime);
  const facts = factsOf(store, runtime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger) throw new SkyburstError("session", `There is no session ${JSON.stringify(called)} in this store.`);
  if (ledger.removed) throw removedSession(id);
  const client = `client.${randomText(runtime, 8)}`;
  return { id, facts, keys, runtime, client, view: new LedgerView(facts, keys, ledger, client) };
}

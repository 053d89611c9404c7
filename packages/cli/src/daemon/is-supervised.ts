import type { StateStore } from "@skyburst/core";
import { facts as factsOf, readPresence, sessionKeys, systemRuntime } from "@skyburst/core/protocol";

/**
 * Whether somebody keeps up the workers of a session. One that was killed a moment ago is still taken for alive: who stays asks
 * again.
 */
export async function isSupervised(store: StateStore, session: string): Promise<boolean> {
  const { supervisor } = await readPresence(factsOf(store, systemRuntime), sessionKeys(session), store.pace.ttl);
  return supervisor?.alive === true;
}

import { facts as factsOf } from "../protocol/facts.ts";
import { sessionKeys } from "../protocol/keys.ts";
import { systemRuntime } from "../runtime.ts";
import type { StateStore } from "../store.ts";
import { aliveWorkers } from "./presence.ts";

/**
 * Resolves when every worker of the session has written its `gone`, which is its last act: nothing is written to the session
 * any more, though a process may still be on its way out. Resolves as well when the signal fires.
 */
export async function lastWords(store: StateStore, session: string, signal: AbortSignal): Promise<void> {
  const facts = factsOf(store, systemRuntime);
  const [shortest, longest] = store.pace.poll;
  for (let looks = 0; !signal.aborted; looks++) {
    if ((await aliveWorkers(facts, sessionKeys(session))) === 0) return;
    await systemRuntime.sleep(Math.min(shortest * 1.2 ** looks, longest), signal);
  }
}

import type { LaunchResult, StateStore } from "@skyburst/core";
import { facts as factsOf, parseJson, readPresence, sessionKeys, systemRuntime } from "@skyburst/core/protocol";

/**
 * Whether somebody keeps up the workers of a session. One that was killed a moment ago is still taken for alive: who stays asks
 * again.
 */
export async function isSupervised(store: StateStore, session: string): Promise<boolean> {
  const { supervisor } = await readPresence(factsOf(store, systemRuntime), sessionKeys(session), store.pace.ttl);
  return supervisor?.alive === true;
}

/** Whether the first launch of a session was answered, and not by what no waiting mends: then its supervisor ends, and says why. */
export async function hasLaunched(store: StateStore, session: string): Promise<boolean> {
  const bytes = await factsOf(store, systemRuntime).get(sessionKeys(session).launched(0));
  if (!bytes) return false;
  const { started, refused } = parseJson(bytes) as LaunchResult;
  return started.length > 0 || refused.some(({ kind }) => passing.has(kind));
}

const passing: ReadonlySet<string> = new Set(["quota", "capacity", "unavailable"]);

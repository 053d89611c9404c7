import type { LaunchResult, StateStore } from "@skyburst/core";
import { facts as factsOf, parseJson, readPresence, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Presence } from "@skyburst/core/protocol";

/**
 * Whether somebody keeps up the workers of a session. One that was killed a moment ago is still taken for alive: who stays asks
 * again.
 */
export async function isSupervised(store: StateStore, session: string): Promise<boolean> {
  return (await presenceIn(store, session)).supervisor?.alive === true;
}

/** Whether somebody else would take the place of the supervisor, if that was killed a moment ago. */
export async function hasStandIn(store: StateStore, session: string): Promise<boolean> {
  const { supervisor, clients } = await presenceIn(store, session);
  return clients.some((client) => client !== supervisor?.owner);
}

function presenceIn(store: StateStore, session: string): Promise<Presence> {
  return readPresence(factsOf(store, systemRuntime), sessionKeys(session), store.pace.ttl);
}

/** Whether the first launch of a session was answered, and not by what no waiting mends: then its supervisor ends, and says why. */
export async function hasLaunched(store: StateStore, session: string): Promise<boolean> {
  const bytes = await factsOf(store, systemRuntime).get(sessionKeys(session).launched(0));
  if (!bytes) return false;
  const { started, refused } = parseJson(bytes) as LaunchResult;
  return started.length > 0 || refused.some(({ kind }) => passing.has(kind));
}

const passing: ReadonlySet<string> = new Set(["quota", "capacity", "unavailable"]);

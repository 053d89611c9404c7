import type { StateStore } from "../../store.ts";
import { gc } from "./gc.ts";

/**
 * Takes away what {@link gc} does without being asked for more: the sessions that have expired and in which nobody lives, and what is
 * left of those that lists know to be removed. Tells their ids.
 */
export async function sweepSessions(store: StateStore, signal?: AbortSignal): Promise<string[]> {
  const swept: string[] = [];
  for await (const { id } of gc(store, { quick: true, signal })) swept.push(id);
  return swept;
}

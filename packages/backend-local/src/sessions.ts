import type { ManagedSession } from "@skyburst/core";
import { type Label, parseId } from "./label.ts";
import type { ProcessTable } from "./processes.ts";

/** A process that was told nothing in this time, in milliseconds, has ended. */
const LONGEST_WAIT = 30_000;

/** The sessions whose workers run on this machine as this user, whoever launched them. */
export async function managedSessions(table: ProcessTable): Promise<readonly ManagedSession[]> {
  const sessions = new Map<string, ManagedSession>();
  for (const id of (await table.workers()).keys()) {
    const label = parseId(id);
    if (!label || mayWait(label, Date.now())) continue;
    const { sessionId, storeId } = label;
    sessions.set(`${sessionId} ${storeId}`, { sessionId, ...(storeId === undefined ? {} : { storeId }) });
  }
  return [...sessions.values()];
}

/** It may be no worker yet, and its session not be written: nobody must take it for one that was forgotten. */
function mayWait({ waited, startedAt }: Label, now: number): boolean {
  return waited && now - startedAt < LONGEST_WAIT;
}

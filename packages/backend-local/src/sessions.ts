import type { ManagedSession } from "@skyburst/core";
import { parseId } from "./label.ts";
import type { ProcessTable } from "./processes.ts";

/** The sessions whose workers run on this machine as this user, whoever launched them. */
export async function managedSessions(table: ProcessTable): Promise<readonly ManagedSession[]> {
  const sessions = new Map<string, ManagedSession>();
  for (const id of (await table.workers()).keys()) {
    const label = parseId(id);
    if (!label) continue;
    const { sessionId, storeId } = label;
    sessions.set(`${sessionId} ${storeId}`, { sessionId, ...(storeId === undefined ? {} : { storeId }) });
  }
  return [...sessions.values()];
}

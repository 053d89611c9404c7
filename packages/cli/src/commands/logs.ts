import { attachSession, findSession } from "@skyburst/core";
import { printLogs, printLogsAsJson } from "../output/print-logs.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface LogsFlags extends StoreFlags {
  readonly follow?: boolean;
  readonly task?: number;
}

/** What tasks wrote, task by task; with `follow` also what they write from now on, as it comes. */
export async function logs(called: string, flags: LogsFlags): Promise<number> {
  const store = await composeStore(flags);
  const session = await attachSession(store, await findSession(store, called));
  const reader = session.logs(flags.task);
  const pieces = flags.follow ? reader.follow() : reader.read();
  await (flags.json ? printLogsAsJson(pieces) : printLogs(pieces));
  return 0;
}

import { attachSession, findSession } from "@skyburst/core";
import { printLogLines, printLogs, printLogsAsJson } from "../output/print-logs.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface LogsFlags extends StoreFlags {
  readonly follow?: boolean;
  readonly task?: number;
  readonly tail?: number;
}

/** What tasks wrote, task by task, or the last lines of each; with `follow` also what they write from now on, as it comes. */
export async function logs(called: string, flags: LogsFlags): Promise<number> {
  const store = await composeStore(flags);
  const session = await attachSession(store, await findSession(store, called));
  const reader = session.logs(flags.task);
  const { tail } = flags;
  const pieces = flags.follow ? reader.follow({ tail }) : reader.read({ tail });
  // One task's output is shown as it comes, a line that goes on as well; of several that come at the same time, only whole ones.
  const print = flags.follow && flags.task === undefined ? printLogLines : printLogs;
  await (flags.json ? printLogsAsJson(pieces) : print(pieces));
  return 0;
}

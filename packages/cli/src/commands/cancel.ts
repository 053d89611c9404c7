import { attachSession } from "@skyburst/core";
import type { AttachedSession, CancelResult } from "@skyburst/core";
import { countOf } from "../output/count-of.ts";
import { printResult } from "../output/print-result.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface CancelFlags extends StoreFlags {
  readonly task?: readonly number[];
}

/** Stops a session, or some of its tasks, for good. */
export async function cancel(called: string, flags: CancelFlags): Promise<number> {
  const session = await attachSession(await composeStore(flags), called);
  const result = await cancelled(session, flags.task);
  await printResult(flags, { session: session.id, ...result }, describe(session.id, result));
  return 0;
}

/** A session in which nothing is left to do stays as it is: what is cancelled could never be retried. */
async function cancelled(session: AttachedSession, task: CancelFlags["task"]): Promise<CancelResult> {
  if (task === undefined && (await session.status()).state === "done") return { tasks: 0, left: 0 };
  return session.cancel({ task, because: "skyburst cancel" });
}

function describe(id: string, { tasks, left }: CancelResult): string {
  if (tasks === 0) return `nothing of it was left to be cancelled in ${id}`;
  const stopping = left === 0 ? "" : `, of which ${left} are being stopped`;
  return `cancelled ${countOf(tasks, "task")} of ${id}${stopping}`;
}

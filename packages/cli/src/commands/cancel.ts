import { attachSession } from "@skyburst/core";
import type { CancelResult } from "@skyburst/core";
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
  const result = await session.cancel({ task: flags.task, because: "skyburst cancel" });
  await printResult(flags, { session: session.id, ...result }, describe(session.id, result));
  return 0;
}

function describe(id: string, { tasks, left }: CancelResult): string {
  if (tasks === 0) return `nothing of it was left to be cancelled in ${id}`;
  const stopping = left === 0 ? "" : `, of which ${left} are being stopped`;
  return `cancelled ${countOf(tasks, "task")} of ${id}${stopping}`;
}

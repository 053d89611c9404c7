import { attachSession } from "@skyburst/core";
import { leaveSupervised } from "../daemon/ensure-supervised.ts";
import { countOf } from "../output/count-of.ts";
import { printResult } from "../output/print-result.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";

export interface RetryFlags extends FleetFlags {
  readonly task?: readonly number[];
}

/** Runs failed tasks again in their session, and sees to it that somebody does. */
export async function retry(called: string, flags: RetryFlags): Promise<number> {
  const stack = await composeStack(flags);
  const session = await attachSession(stack.store, called);
  const result = await session.retryFailed({ task: flags.task });
  const { tasks, resumed } = result;
  if (tasks > 0 || resumed) await leaveSupervised(session, stack, flags);
  const said =
    tasks === 0 && !resumed
      ? `nothing has failed in ${session.id}`
      : `${countOf(tasks, "task")} of ${session.id} ${tasks === 1 ? "runs" : "run"} again`;
  await printResult(flags, { session: session.id, ...result }, said);
  return 0;
}

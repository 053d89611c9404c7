import { attachSession } from "@skyburst/core";
import { ensureSupervised } from "../daemon/ensure-supervised.ts";
import { inputFeed } from "../inputs/input-feed.ts";
import { inputSource } from "../inputs/input-format.ts";
import type { InputFormat } from "../inputs/input-format.ts";
import { stdinUnlessTerminal } from "../inputs/stdin-unless-terminal.ts";
import { interruption } from "../interrupt.ts";
import { countOf } from "../output/count-of.ts";
import { printResult } from "../output/print-result.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";

export interface AddFlags extends FleetFlags {
  readonly inputFormat?: InputFormat;
  readonly types?: boolean;
  readonly id?: string;
}

/** Adds inputs to an open session, and sees to it that somebody works on them. */
export async function add(called: string, inputs: string | undefined, flags: AddFlags): Promise<number> {
  const input = inputSource(inputs ?? stdinUnlessTerminal(), flags.inputFormat, "jsonl");
  const stack = await composeStack(flags);
  const session = await attachSession(stack.store, called);
  const { feed } = inputFeed(input, flags.types === true, stack.store, session.id);
  const result = await session.add(feed, { id: flags.id, signal: interruption() });
  await ensureSupervised(session, stack, flags);
  const { added, tasks } = result;
  const said =
    added === tasks
      ? `added ${countOf(added, "input")} to ${session.id}`
      : `added ${countOf(added, "input")} to ${session.id}: ${tasks - added} of ${tasks} were there already`;
  await printResult(flags, { session: session.id, ...result }, said);
  return 0;
}

import { attachSession } from "@skyburst/core";
import { leaveSupervised } from "../daemon/ensure-supervised.ts";
import { CliError } from "../errors.ts";
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
  const { feed } = inputFeed(input, flags.types === true, stack.store, session.id, flags.id !== undefined);
  const result = await session.add(feed, { id: flags.id, signal: interruption() }).catch((error: unknown) => {
    throw told(error, flags);
  });
  await leaveSupervised(session, stack, flags);
  const { added, tasks } = result;
  const said =
    added === tasks
      ? `added ${countOf(added, "input")} to ${session.id}`
      : `added ${countOf(added, "input")} to ${session.id}: ${tasks - added} of ${tasks} were there already`;
  await printResult(flags, { session: session.id, ...result }, said);
  return 0;
}

/** What has become of inputs that were not added to their end. */
function told(error: unknown, { id }: AddFlags): unknown {
  if (!(error instanceof CliError && error.code === "interrupted")) return error;
  const what = id === undefined ? "what was added of it is cancelled." : `to go on, add it again with --id ${id}.`;
  return new CliError("interrupted", `interrupted: ${what}`, { exitCode: error.exitCode });
}

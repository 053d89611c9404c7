import { environmentOf } from "../environment.ts";
import { inputSource } from "../inputs/input-format.ts";
import type { InputFormat } from "../inputs/input-format.ts";
import { stdinUnlessTerminal } from "../inputs/stdin-unless-terminal.ts";
import { composeStack } from "../stack.ts";
import type { JobFlags } from "../stack.ts";
import { submitSession } from "../submit-session.ts";
import { taskNamed } from "../task-named.ts";

export interface SubmitFlags extends JobFlags {
  readonly inputFormat?: InputFormat;
  readonly types?: boolean;
  readonly env?: readonly string[];
  readonly open?: boolean;
  readonly id?: string;
}

/** A call of a module's function per input, by workers that go on without this process. */
export async function submit(task: string, inputs: string | undefined, flags: SubmitFlags): Promise<number> {
  const input = inputSource(inputs ?? stdinUnlessTerminal(), flags.inputFormat, "jsonl");
  const stack = await composeStack(flags);
  const source = { kind: "module" as const, ...taskNamed(task), env: environmentOf(flags.env, stack.secrets) };
  const { types = false, open = false, id } = flags;
  return submitSession({ stack, flags, source, input, types, open, id });
}

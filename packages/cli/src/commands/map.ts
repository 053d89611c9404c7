import type { OutcomeLines } from "@skyburst/core";
import { environmentOf } from "../environment.ts";
import type { EventsFlags } from "../events/events-option.ts";
import { inputSource } from "../inputs/input-format.ts";
import type { InputFormat } from "../inputs/input-format.ts";
import { stdinUnlessTerminal } from "../inputs/stdin-unless-terminal.ts";
import { printOutcomes } from "../output/print-outcomes.ts";
import { composeStack } from "../stack.ts";
import type { JobFlags } from "../stack.ts";
import { submitSession } from "../submit-session.ts";
import { taskNamed } from "../task-named.ts";
import { stream } from "./stream.ts";

export interface MapFlags extends JobFlags, EventsFlags {
  readonly inputFormat?: InputFormat;
  readonly types?: boolean;
  readonly env?: readonly string[];
  readonly unordered?: boolean;
  readonly detach?: boolean;
}

/** One call of a module's function per input; one outcome line per call. */
export async function map(task: string, inputs: string | undefined, flags: MapFlags): Promise<number> {
  const input = inputSource(inputs ?? stdinUnlessTerminal(), flags.inputFormat, "jsonl");
  const stack = await composeStack(flags);
  const named = taskNamed(task);
  const { task: begun } = flags.early ?? {};
  const program = begun?.url === named.url && begun.export === named.export ? begun.program : undefined;
  const source = { kind: "module" as const, ...named, env: environmentOf(flags.env, stack.secrets), program };
  const types = flags.types === true;
  if (flags.detach) return submitSession({ stack, flags, source, input, types, open: false });
  const print = (lines: OutcomeLines) => printOutcomes(stack.store, lines);
  return stream({
    stack,
    flags,
    source,
    input,
    what: "tasks",
    ordered: !flags.unordered,
    types,
    print: () => print,
  });
}

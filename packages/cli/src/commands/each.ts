import type { OutcomeLines, Session, StateStore, TaskSource } from "@skyburst/core";
import { directoryOf } from "../directory-of.ts";
import { environmentOf } from "../environment.ts";
import type { EventsFlags } from "../events/events-option.ts";
import { inputSource } from "../inputs/input-format.ts";
import type { InputFormat } from "../inputs/input-format.ts";
import { GroupedOutput } from "../output/grouped-output.ts";
import { printOutcomes } from "../output/print-outcomes.ts";
import { composeStack } from "../stack.ts";
import type { JobFlags } from "../stack.ts";
import { submitSession } from "../submit-session.ts";
import { stream } from "./stream.ts";

export interface EachFlags extends JobFlags, EventsFlags {
  readonly inputFormat?: InputFormat;
  readonly types?: boolean;
  readonly unordered?: boolean;
  readonly detach?: boolean;
  readonly cwd?: string;
  readonly env?: readonly string[];
}

/** One command per input; what a command wrote is shown together, in the order of inputs. */
export async function each(inputs: string, argv: readonly string[], flags: EachFlags): Promise<number> {
  const input = inputSource(inputs, flags.inputFormat, "txt", "txt");
  const stack = await composeStack(flags);
  const cwd = directoryOf(stack.backend, flags.cwd);
  const source: TaskSource = {
    kind: "command",
    name: argv[0] ?? "",
    argv,
    substitute: true,
    ...(cwd === undefined ? {} : { cwd }),
    env: environmentOf(flags.env, stack.secrets),
  };
  const { store } = stack;
  const types = flags.types === true;
  if (flags.detach) return submitSession({ stack, flags, source, input, types, open: false });
  const print = (session: Session) =>
    flags.json ? (lines: OutcomeLines) => printOutcomes(store, lines) : grouped(store, session);
  return stream({
    stack,
    flags,
    source,
    input,
    what: "commands",
    ordered: !flags.unordered,
    types,
    print,
  });
}

function grouped(store: StateStore, session: Session): (lines: OutcomeLines) => Promise<void> {
  const output = new GroupedOutput(store, session.id);
  return (lines) => output.print(lines);
}

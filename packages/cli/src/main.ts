import { splitAtDashes } from "./command-line.ts";
import type { Early } from "./early.ts";
import { endWith } from "./end-with.ts";
import { interpret } from "./interpret.ts";

/** Runs the command line and ends the process with its exit code. */
export function main(argv: readonly string[], early: Early): Promise<never> {
  const { own, command } = splitAtDashes(argv);
  return endWith(() => interpret(own, command, early));
}

import { CommanderError } from "commander";
import { splitAtDashes } from "./command-line.ts";
import { program } from "./program.ts";
import { reportError } from "./report-error.ts";

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  process.exit(await run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  const { own, command } = splitAtDashes(argv);
  let code = 0;
  const end = (ended: number) => {
    code = ended;
  };
  try {
    await program(command, end).parseAsync(own, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said it already, on our terms: see `program`.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error);
  }
}

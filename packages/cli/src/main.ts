import { splitAtDashes } from "./command-line.ts";
import { reportError } from "./report-error.ts";

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  process.exit(await run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  const { own, command } = splitAtDashes(argv);
  try {
    // Without options there is nothing to parse, and the parser takes a tenth of the time of a short command.
    if (command?.[0] !== undefined && own.length === 1 && own[0] === "run")
      return await (await import("./commands/run.ts")).run(command, {});
    return await (await import("./interpret.ts")).interpret(own, command);
  } catch (error) {
    return reportError(error);
  }
}

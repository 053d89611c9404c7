import { Command, CommanderError } from "commander";
import { addAdd, addAttach, addEnd, addSubmit, addSupervise } from "./detached-commands.ts";
import type { EarlyWorker } from "./early-worker.ts";
import { addDoctor } from "./doctor-command.ts";
import { addEvents } from "./events/events-command.ts";
import { rootHelp } from "./help.ts";
import { addConformance } from "./author-commands.ts";
import { addEach, addMap, addRun } from "./job-commands.ts";
import { addQuote } from "./quote-command.ts";
import { addCollect, addLogs, addLs, addReproduce, addStatus } from "./reader-commands.ts";
import { addCancel, addExtend, addGc, addRetry, addRm, addTeardown } from "./steer-commands.ts";
import { addVerify } from "./verify/verify-command.ts";
import { version } from "./version.ts";

/** What stood behind `--`, what was started already, and where the exit code goes. */
export interface Given {
  readonly command: readonly string[] | undefined;
  readonly early?: EarlyWorker | undefined;
  end(code: number): void;
}

/** Does what the command line says, and tells the exit code. `command` is what stood behind `--`. */
export async function interpret(
  own: readonly string[],
  command: readonly string[] | undefined,
  early?: EarlyWorker,
): Promise<number> {
  let code = 0;
  const end = (ended: number) => {
    code = ended;
  };
  try {
    await program({ command, early, end }).parseAsync(own, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said it already, on our terms.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

/** What a command needs is loaded when it is called, so that help and mistakes cost little. */
function program(given: Given): Command {
  const root = new Command("skyburst")
    .description("Run a TypeScript function, or any command, over many inputs on workers that exist only for the job.")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({
      subcommandTerm: (subcommand) => `${subcommand.name()} ${subcommand.usage()}`,
      visibleArguments: (shown) => shown.registeredArguments.filter(({ description }) => description !== ""),
    })
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .enablePositionalOptions()
    .exitOverride();
  for (const [heading, commands] of groups) {
    root.commandsGroup(heading);
    for (const add of commands) add(root, given);
  }
  return root.addHelpText("after", `\n${rootHelp}`);
}

const groups = [
  ["Run a job:", [addRun, addMap, addEach, addQuote]],
  ["Leave a job to its workers:", [addSubmit, addAdd, addEnd, addAttach, addSupervise]],
  ["See what became of it:", [addLs, addStatus, addCollect, addLogs, addEvents, addReproduce]],
  ["Change its course:", [addCancel, addRetry, addExtend]],
  ["Clean up:", [addRm, addGc, addTeardown]],
  ["Check:", [addDoctor, addVerify, addConformance]],
] as const;

/** What commander says in two lines and begins with `error: `. */
function oneLine(text: string): string {
  const said = text.replace(/^error: /, "").trim();
  return `skyburst: ${said.replaceAll(/\s*\n\s*/g, " ")}\n`;
}

import { Command, CommanderError } from "commander";
import { addAdd, addAttach, addEnd, addSubmit, addSupervise } from "./detached-commands.ts";
import type { Early } from "./early.ts";
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
  readonly early?: Early | undefined;
  end(code: number): void;
}

/** Does what the command line says, and tells the exit code. `command` is what stood behind `--`. */
export async function interpret(
  own: readonly string[],
  command: readonly string[] | undefined,
  early?: Early,
): Promise<number> {
  let code = 0;
  const end = (ended: number) => {
    code = ended;
  };
  try {
    await program({ command, early, end }, own[0]).parseAsync(own, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said it already, on our terms.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

/**
 * What a command needs is loaded when it is called, so that help and mistakes cost little.
 *
 * @param called Where it is a command, the others are left out: to describe them all takes longer than most jobs' own part.
 */
function program(given: Given, called = ""): Command {
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
  const isCommand = groups.some(([, commands]) => Object.hasOwn(commands, called));
  for (const [heading, commands] of groups) {
    root.commandsGroup(heading);
    for (const [name, add] of Object.entries(commands)) if (!isCommand || name === called) add(root, given);
  }
  return root.addHelpText("after", `\n${rootHelp}`);
}

const groups: readonly (readonly [string, Readonly<Record<string, (root: Command, given: Given) => void>>])[] = [
  ["Run a job:", { run: addRun, map: addMap, each: addEach, quote: addQuote }],
  [
    "Leave a job to its workers:",
    { submit: addSubmit, add: addAdd, end: addEnd, attach: addAttach, supervise: addSupervise },
  ],
  [
    "See what became of it:",
    { ls: addLs, status: addStatus, collect: addCollect, logs: addLogs, events: addEvents, reproduce: addReproduce },
  ],
  ["Change its course:", { cancel: addCancel, retry: addRetry, extend: addExtend }],
  ["Clean up:", { rm: addRm, gc: addGc, teardown: addTeardown }],
  ["Check:", { doctor: addDoctor, verify: addVerify, conformance: addConformance }],
];

/** What commander says in two lines and begins with `error: `. */
function oneLine(text: string): string {
  const said = text.replace(/^error: /, "").trim();
  return `skyburst: ${said.replaceAll(/\s*\n\s*/g, " ")}\n`;
}

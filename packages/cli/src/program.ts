import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CliError } from "./errors.ts";
import { duration, natural, positive } from "./quantities.ts";
import { version } from "./version.ts";

const inputFormats = ["jsonl", "json", "csv", "txt"];

/** Does what the command line says, and tells the exit code. `command` is what stood behind `--`. */
export async function interpret(own: readonly string[], command: readonly string[] | undefined): Promise<number> {
  let code = 0;
  const end = (ended: number) => {
    code = ended;
  };
  try {
    await program(command, end).parseAsync(own, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said it already, on our terms.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

/**
 * The command line. What a command needs is loaded when it is called, so that help and mistakes cost little.
 *
 * @param command What stood behind `--`.
 * @param end Is given the exit code.
 */
function program(command: readonly string[] | undefined, end: (code: number) => void): Command {
  const root = new Command("skyburst")
    .description("Run a TypeScript function, or any command, over many inputs on workers that exist only for the job.")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ visibleArguments: ({ registeredArguments }) => registeredArguments.filter(({ description }) => description !== "") })
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .enablePositionalOptions()
    .exitOverride();

  const add = (usage: string, description: string, example: string) =>
    root.command(usage).description(description).helpOption("-h, --help", "show this help").allowExcessArguments(false).addHelpText("after", `\n${example}`);

  jobOptions(add("run", "Run one command on a worker, with its output as it comes and its exit code.", runHelp))
    .usage("[options] -- COMMAND [ARG...]")
    .option("--stdin <file>", "the command's standard input (- for this one's); without it, empty")
    .option("--cwd <directory>", "where the command runs (default: here)")
    .option("--env <name[=value]>", "set a variable for the command, or pass this one's; repeatable", collect)
    .argument("[words...]")
    .passThroughOptions()
    .action(async (words, flags) => end(await (await import("./commands/run.ts")).run(needed(command, words, "run"), flags)));

  inputOptions(jobOptions(add("map", "Call a function once for each input; one line of JSON per outcome on stdout.", mapHelp)), "jsonl")
    .usage("[options] FILE#EXPORT [INPUTS]")
    .argument("<FILE#EXPORT>", "a module, TypeScript or JavaScript, and the function that it exports")
    .argument("[INPUTS]", "a .jsonl, .json, .csv or .txt file, or - for stdin")
    .action(async (task, inputs, flags) => end(await (await import("./commands/map.ts")).map(task, inputs, none(command, flags))));

  inputOptions(jobOptions(add("each", "Run a command once for each input; the output of each in one piece, in input order.", eachHelp)), "txt")
    .usage("[options] INPUTS -- COMMAND [ARG...]")
    .argument("<INPUTS>", "a file, of which each line is an input, or a .jsonl, .json or .csv; - for stdin")
    .argument("[words...]")
    .option("--cwd <directory>", "where the commands run (default: here)")
    .option("--env <name[=value]>", "set a variable for the commands, or pass this one's; repeatable", collect)
    .action(async (inputs, words, flags) => end(await (await import("./commands/each.ts")).each(inputs, needed(command, words, "each INPUTS"), flags)));

  storeOptions(add("ls", "List the sessions of a store, the newest first.", lsHelp))
    .action(async (flags) => end(await (await import("./commands/ls.ts")).ls(none(command, flags))));

  storeOptions(add("status", "Show how a session stands.", statusHelp))
    .argument("<SESSION>", sessionArgument)
    .action(async (session, flags) => end(await (await import("./commands/status.ts")).status(session, none(command, flags))));

  storeOptions(add("collect", "Print the outcomes of a session in input order, up to the first that is missing (exit code 4).", collectHelp))
    .argument("<SESSION>", sessionArgument)
    .action(async (session, flags) => end(await (await import("./commands/collect.ts")).collect(session, none(command, flags))));

  storeOptions(add("logs", "Print what the tasks of a session wrote.", logsHelp))
    .argument("<SESSION>", sessionArgument)
    .option("-f, --follow", "go on with what is written from now on, until the session ends")
    .option("--task <i>", "only the task with this index in the session", as(natural))
    .action(async (session, flags) => end(await (await import("./commands/logs.ts")).logs(session, none(command, flags))));

  return root.addHelpText("after", `\n${rootHelp}`);
}

function storeOptions(command: Command): Command {
  return command
    .option("--store <path|url>", "where sessions are kept (default: .skyburst)")
    .option("--config <file>", "a stack (default: skyburst.config.ts, if there is one here)")
    .option("--json", "JSON instead of text");
}

function jobOptions(command: Command): Command {
  return storeOptions(command)
    .option("--backend <name>", "where workers run: local (default: local)")
    .option("--workers <n>", "workers at a time (default: 1)", as(positive))
    .option("--slots <n>", "tasks that a worker runs at a time (default: its processors)", as(positive))
    .option("--timeout <duration>", "longest run of one task: 500ms, 2s, 5m, 6h (default: none)", as(duration))
    .option("--retries <n>", "further attempts of a task that failed (default: 0)", as(natural))
    .option("--name <name>", "a name for the session")
    .option("--keep", "keep the session; otherwise it may be swept after 7 days")
    .option("--quiet", "nothing on stderr but errors, and what commands write");
}

function inputOptions(command: Command, stdin: string): Command {
  return command
    .addOption(new Option("--input-format <format>", `format of the inputs (default: by the file's name; stdin: ${stdin})`).choices(inputFormats))
    .option("--types", "CSV: numbers, true, false and null instead of text")
    .option("--unordered", "outcomes as they finish, not in input order");
}

/** What can't be read is a mistake on the command line. */
function as(read: (text: string) => number): (text: string) => number {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw error instanceof RangeError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

/** The command stands behind `--`, so that none of its own options is taken for one of ours. */
function needed(command: readonly string[] | undefined, words: readonly string[], usage: string): readonly string[] {
  if (command && command.length > 0 && words.length === 0) return command;
  const example = words.length > 0 && !command ? words.join(" ") : "COMMAND [ARG...]";
  throw new CliError("usage", words.length > 0 && command ? `${words[0]} stands before --, and is no option.` : `no command is given behind --. Write: skyburst ${usage} -- ${example}`);
}

function none<Flags>(command: readonly string[] | undefined, flags: Flags): Flags {
  if (command === undefined) return flags;
  throw new CliError("usage", "a command behind -- is for run and each only.");
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** What commander says in two lines and begins with `error: `. */
function oneLine(text: string): string {
  return `skyburst: ${text.replace(/^error: /, "").trim().replaceAll(/\s*\n\s*/g, " ")}\n`;
}

const sessionArgument = "its id, a beginning of it that no other has, or its name";

const rootHelp = `Example:
  $ skyburst run -- make -j8
  $ skyburst map simulate.ts#simulate seeds.jsonl > results.jsonl
  $ skyburst each urls.txt -- curl -sO {}

Exit codes: 0 all succeeded, 1 some failed, 2 usage, 4 not finished, 125 nothing could run, 130 interrupted.
\`run\` exits with the command's code: 124 after its timeout, 126 and 127 as a shell, 128 + n after signal n.`;

const runHelp = `Example:
  $ skyburst run --timeout 10m -- python3 train.py --epochs 3`;

const mapHelp = `Example:
  $ skyburst map simulate.ts#simulate seeds.jsonl --workers 2 > results.jsonl
  $ seq 1000 | skyburst map simulate.ts#simulate -`;

const eachHelp = `In COMMAND, {} is the input and {name} a field of a JSON or CSV input; without any of them, the input is the last argument.

Example:
  $ skyburst each photos.txt -- convert {} -resize 50% small/{}
  $ skyburst each users.csv --json -- ./invite.sh {email} {name}`;

const lsHelp = `Example:
  $ skyburst ls --store /mnt/jobs`;

const statusHelp = `Example:
  $ skyburst status nightly --json`;

const collectHelp = `Example:
  $ skyburst collect nightly > results.jsonl`;

const logsHelp = `Example:
  $ skyburst logs nightly --task 17 -f`;

import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { inputFormats } from "./inputs/input-format.ts";
import { duration, natural, positive, size } from "./quantities.ts";

/** Options of all commands. */
export function storeOptions(command: Command, json = "JSON instead of text"): Command {
  return command
    .option("--store <path|url>", "where sessions are kept: a directory, or s3://bucket/prefix (default: .skyburst)")
    .option("--config <file>", "a stack (default: skyburst.config.ts, if there is one here)")
    .option("--json", json);
}

export function backendOption(command: Command): Command {
  return command.option("--backend <name>", "where workers run: local (default: local)");
}

/** Of those that run something. */
export function jobOptions(command: Command, json: string): Command {
  return backendOption(storeOptions(command, json))
    .option("--workers <n>", "workers at a time (default: 1)", as(positive))
    .option("--slots <n>", "tasks that a worker runs at a time (default: its processors)", as(positive))
    .option("--timeout <duration>", "longest run of one task: 500ms, 2s, 5m, 6h (default: none)", as(duration))
    .option("--retries <n>", "further attempts of a task that failed (default: 0)", as(natural))
    .option("--log-limit <size>", "most output that is kept of an attempt: 500k, 64m, 3g (default: 100m)", as(size))
    .option("--name <name>", "a name for the session")
    .option("--keep", "keep the session; otherwise it may be swept after 7 days")
    .option("--quiet", "nothing on stderr but errors, and what commands write");
}

/** Of those that run it over inputs. */
export function inputOptions(command: Command, stdin: string): Command {
  return command
    .addOption(
      new Option(
        "--input-format <format>",
        `format of the inputs (default: by the file's name; stdin: ${stdin})`,
      ).choices(inputFormats),
    )
    .option("--types", "CSV: numbers, true, false and null instead of text")
    .option("--unordered", "outcomes as they finish, not in input order")
    .option("--estimate <duration>", "what a task takes, if you know: saves requests (default: unknown)", as(duration));
}

/** Of those that run a command. */
export function placeOptions(command: Command): Command {
  return command
    .option("--cwd <directory>", "where the command runs (default: here)")
    .option("--env <name[=value]>", "set a variable for the command, or pass this one's; repeatable", repeated);
}

/** What can't be read is a mistake on the command line. */
export function as(read: (text: string) => number): (text: string) => number {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw error instanceof RangeError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

/** Values of an option that may be given again. */
function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { inputFormats } from "./inputs/input-format.ts";
import { deadline, dollars, hourlyRate } from "./limits.ts";
import { mount } from "./mount.ts";
import type { Mount } from "./mount.ts";
import { duration, positive, processors, size, times } from "./quantities.ts";
import { retries } from "./retries.ts";

/** Options of all commands. */
export function storeOptions(command: Command, json = "JSON instead of text"): Command {
  return command
    .option("--store <path|url>", "where sessions are kept: a directory, or s3://bucket/prefix (default: .skyburst)")
    .option("--config <file>", "a stack (default: skyburst.config.ts, if there is one here)")
    .option("--json", json);
}

export function backendOption(command: Command): Command {
  return command.option(
    "--backend <name>",
    "where workers run: local, docker, or a name of the configuration (default: its backend, else local)",
  );
}

/** Of those by which workers of a session may be started that is there. */
export function fleetOptions(command: Command, json?: string): Command {
  return secretOption(backendOption(storeOptions(command, json)))
    .option("--workers <n>", "more workers at a time than it was submitted with", as(positive))
    .option("--slots <n>", "tasks that a worker runs at a time (default: as it was submitted)", as(positive));
}

/** Of those that open a session. */
export function sessionOptions(command: Command, json: string): Command {
  const added = backendOption(storeOptions(command, json))
    .option("--workers <n>", "workers at a time (default: 1)", as(positive))
    .option("--slots <n>", "tasks that a worker runs at a time (default: its processors)", as(positive));
  return workerOptions(added)
    .option("--timeout <duration>", "longest run of one task: 500ms, 2s, 5m, 6h (default: none)", as(duration))
    .option(
      "--retries <n>",
      "further attempts of a task that failed: 2, or user=2,oom=1,lost=4 (default: 0)",
      as(retries),
    )
    .option(
      "--memory-on-oom <times>",
      "memory of a worker for an attempt after one that ran out of it: 2x, as often as --retries oom= says, or once",
      as(times),
    )
    .option("--log-limit <size>", "most output that is kept of an attempt: 500k, 64m, 3g (default: 100m)", as(size))
    .addOption(secret())
    .option("--name <name>", "a name for the session");
}

/** What a worker is made of. */
export function workerOptions(command: Command): Command {
  return command
    .option("--image <image>", "container image that workers run in (default: the backend's)")
    .option("--cpu <n>", "processors of a worker: 2, 0.5 (default: the backend's)", as(processors))
    .option("--memory <size>", "memory of a worker: 512m, 3g (default: the backend's)", as(size))
    .option("--gpus <n>", "GPUs of a worker (default: the backend's)", as(positive))
    .option("-v, --volume <paths>", "files that containers see: ./data:/data, or ./data:/data:ro; repeatable", mounts);
}

export function secretOption(command: Command): Command {
  return command.addOption(secret());
}

function secret(): Option {
  const what = "a value that only tasks see, of this variable, or of a file; repeatable";
  return new Option("--secret <name[=@file]>", what).argParser(repeated);
}

/** Of those that wait for its end. */
export function jobOptions(command: Command, json: string): Command {
  return sessionOptions(command, json)
    .option("--keep", "keep the session; otherwise it may be swept after 7 days")
    .option("--quiet", "nothing on stderr but errors, warnings of money, and what commands write");
}

/** Of sessions that may go on when nobody looks. */
export function limitOptions(command: Command): Command {
  return command
    .option("--deadline <time>", "when the session is paused: +6h, or 2030-12-31T18:00 (default: never)", as(deadline))
    .option("--idle-timeout <duration>", "ends it when no inputs came for so long (default: never)", as(duration))
    .option("--budget <dollars>", "paused before it has cost more: 5, 0.50 (default: none)", as(dollars))
    .option("--warn-at <dollars>", "says so once when it has cost so much (default: never)", as(dollars))
    .option(
      "--max-rate <dollars/h>",
      "most dollars per hour for its workers: 20/h, or 20 (default: no limit)",
      as(hourlyRate),
    )
    .option(
      "--start-timeout <duration>",
      "gives up when no worker has begun by then (default: the backend's)",
      as(duration),
    );
}

/** Of those that read inputs. */
export function inputOptions(command: Command, stdin: string): Command {
  return command
    .addOption(
      new Option(
        "--input-format <format>",
        `format of the inputs (default: by the file's name; stdin: ${stdin})`,
      ).choices(inputFormats),
    )
    .option("--types", "CSV: numbers, true, false and null instead of text");
}

export function estimateOption(command: Command): Command {
  return command.option(
    "--estimate <duration>",
    "what a task takes, if you know: saves requests (default: unknown)",
    as(duration),
  );
}

/** Of those that run a task over inputs, and show what comes of them unless they leave. */
export function streamOptions(command: Command, stdin: string): Command {
  const added = inputOptions(command, stdin).option("--unordered", "outcomes as they finish, not in input order");
  const detach = "print the session's id and leave: workers go on, `attach` and `collect` come back to it";
  return limitOptions(estimateOption(added)).addOption(new Option("--detach", detach).conflicts("unordered"));
}

/** Of those that run a command. */
export function placeOptions(command: Command): Command {
  return environmentOption(command.option("--cwd <directory>", "where the command runs (default: here)"));
}

/** @param sees What it is that sees them. */
export function environmentOption(command: Command, sees = "command"): Command {
  const what = `set a variable for the ${sees}, or pass this one's; repeatable`;
  return command.option("-e, --env <name[=value]>", what, repeated);
}

function mounts(text: string, before: readonly Mount[] = []): readonly Mount[] {
  return [...before, as(mount)(text)];
}

/** What can't be read is a mistake on the command line. */
export function as<T>(read: (text: string) => T): (text: string) => T {
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

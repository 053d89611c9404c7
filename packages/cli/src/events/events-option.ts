import type { Command } from "commander";
import { Option } from "commander";
import { as } from "../command-options.ts";

export interface EventsFlags {
  /** Path of the file that they are appended to. */
  readonly events?: string;
}

/** Of those that wait for a session. */
export function eventsOption(command: Command): Command {
  return command.option("--events <file>", "append what happens to a file, as lines of JSON", as(eventsFile));
}

/** Of those that may leave before anything happens. */
export function eventsOptionUnlessDetached(command: Command): Command {
  return command.addOption(
    new Option("--events <file>", "append what happens to a file, as lines of JSON")
      .argParser(as(eventsFile))
      .conflicts("detach"),
  );
}

/** Stdout has the outcomes, and two kinds of lines in one stream serve nobody. */
function eventsFile(path: string): string {
  if (path === "-" || path === "")
    throw new RangeError("Events go to a file, since stdout is for outcomes. `skyburst events` prints them.");
  return path;
}

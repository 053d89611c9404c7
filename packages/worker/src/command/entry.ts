import type { CommandResult, RunOptions } from "./command.ts";
import type { Limits } from "./limits.ts";
import type { Pair } from "./pair.ts";
import type { PlacedCommand } from "./slot.ts";

/** A command that was asked for. It waits here, then lies in the shell's pipe, then runs. */
export interface Entry {
  readonly command: PlacedCommand;
  readonly options: RunOptions;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: unknown) => void;
  /** While it is sent. */
  pair: Pair | undefined;
  bytes: number;
  /** It runs in the way after which there may be a notice of the shell. */
  quick: boolean;
  /** Since it was seen to be the one that runs. */
  limits: Limits | undefined;
  /** It is to come back if it has not started. */
  recalled: boolean;
}

export function entryOf(
  command: PlacedCommand,
  options: RunOptions,
  { resolve, reject }: Pick<Entry, "resolve" | "reject">,
): Entry {
  return {
    command,
    options,
    resolve,
    reject,
    pair: undefined,
    bytes: 0,
    quick: false,
    limits: undefined,
    recalled: false,
  };
}

import { constants } from "node:os";
import type { CommandResult } from "./command.ts";
import type { Limits } from "./limits.ts";

/** A shell's `$?`: above 128 it is the signal's number + 128, if there is such a signal. */
export function fromShell(status: number): Pick<CommandResult, "code" | "signal"> {
  const signal = status > 128 ? SIGNALS.get(status - 128) : undefined;
  return signal === undefined ? { code: status } : { signal };
}

export function result(end: Pick<CommandResult, "code" | "signal">, since: number, limits: Limits): CommandResult {
  return {
    ...end,
    seconds: (performance.now() - since) / 1_000,
    started: true,
    timedOut: limits.timedOut,
    aborted: limits.aborted,
  };
}

/** The result of a command that never ran. */
export function unstarted(more: { readonly code: number } | { readonly aborted: true }): CommandResult {
  return { seconds: 0, started: false, timedOut: false, aborted: false, ...more };
}

/** The first name of a number is the usual one: SIGABRT before SIGIOT. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

import { setTimeout as pause } from "node:timers/promises";
import type { Entry } from "./entry.ts";
import { watchLimits, type Limits } from "./limits.ts";
import type { Pair } from "./pair.ts";
import { fromShell, result, unstarted } from "./status.ts";

export interface End {
  /** As the shell has it in `$?`. */
  readonly status: number;
  readonly seconds: number;
  /** Bytes at the end of its stderr that are the shell's. */
  readonly notice: number;
}

/**
 * Tells what became of a command, after all that it left in its pipes. `dismiss` is called when these are read: whether nobody
 * holds them any more.
 */
export function tellEnd(entry: Entry, pair: Pair, { status, seconds, notice }: End, dismiss: Dismiss): void {
  const isOutFree = pair.out.settle();
  const isFree = pair.err.settle({ without: notice }) && isOutFree;
  const since = performance.now() - seconds * 1_000;
  const { limits } = entry;
  if (limits === undefined) {
    entry.resolve({ ...fromShell(status), seconds, started: true, timedOut: false, aborted: false });
    dismiss(isFree);
    return;
  }
  const finish = async () => {
    await pair.out.delivered();
    await pair.err.delivered();
    await limits.settle();
    return result(fromShell(status), since, limits);
  };
  finish()
    .then(entry.resolve, entry.reject)
    .finally(() => dismiss(isFree));
}

type Dismiss = (isFree: boolean) => void;

/** Tells of a command that the shell has skipped; its pipes are free. True: it is to be sent again. */
export function tellSkipped(entry: Entry): boolean {
  // It may have been followed already.
  entry.pair?.out.settle();
  entry.pair?.err.settle();
  entry.pair = undefined;
  const given = entry.limits?.timedOut === true || entry.limits?.aborted === true;
  // What did not run can't have failed.
  entry.limits?.settle().catch(ignore);
  entry.limits = undefined;
  if (!entry.recalled && !given) return true;
  entry.resolve(unstarted({ aborted: true }));
  return false;
}

/** Limits of a command that has ended already: nothing can end it any more. */
export function limitsOfEnded({ options: { output, grace } }: Entry): Limits {
  return watchLimits({ output, grace }, () => Promise.resolve());
}

/** Whether somebody who was left behind stays in the pipes of a command that has ended: the last of a pipeline are just about to go. */
export async function isHeld({ out, err }: Pair): Promise<boolean> {
  await pause(LINGER);
  const isOutFree = out.settle();
  return !(err.settle() && isOutFree);
}

/** Milliseconds. */
const LINGER = 10;

function ignore(): void {
  // Nobody waits.
}

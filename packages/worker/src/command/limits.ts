import type { OutputChannel, RunOptions } from "./command.ts";
import { WorkerError } from "../errors.ts";

/** What may end a command before it ends by itself: its timeout, its signal, or a sink that fails. */
export interface Limits {
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** Hands bytes to the sink. A sink that fails gets nothing more, and the command is ended. */
  deliver(channel: OutputChannel, bytes: Uint8Array): void | Promise<void>;
  /** Stops watching, and resolves when an end that was begun is through. Rejects with the sink's failure. */
  settle(): Promise<void>;
}

/** Calls `end` at most once. */
export function watchLimits({ timeout, signal, output }: RunOptions, end: () => Promise<void>): Limits {
  let cause: "timeout" | "abort" | "sink" | undefined;
  let failure: unknown;
  let ending: Promise<void> | undefined;
  const begin = (why: "timeout" | "abort" | "sink") => {
    if (cause !== undefined) return;
    release();
    cause = why;
    ending = end();
    // `settle` hears of a failure; until then it is not unhandled.
    ending.catch(() => undefined);
  };
  const fail = (error: unknown) => {
    failure ??= new WorkerError("sink", "The command's output could not be taken, and the command was ended.", {
      cause: error,
    });
    begin("sink");
  };
  const onAbort = () => begin("abort");
  const timer = timeout === undefined ? undefined : longTimer(timeout, () => begin("timeout"));
  const release = () => {
    timer?.stop();
    signal?.removeEventListener("abort", onAbort);
  };
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) begin("abort");

  return {
    get timedOut() {
      return cause === "timeout";
    },
    get aborted() {
      return cause === "abort";
    },
    deliver(channel, bytes) {
      if (failure !== undefined) return undefined;
      try {
        return output.onData(channel, bytes)?.catch(fail);
      } catch (error) {
        fail(error);
        return undefined;
      }
    },
    async settle() {
      release();
      await ending;
      if (failure !== undefined) throw failure;
    },
  };
}

/** Node fires timers of more than 2^31 - 1 ms (24.8 days) at once. */
function longTimer(milliseconds: number, fire: () => void): { stop(): void } {
  let timer: NodeJS.Timeout;
  const arm = (left: number) => {
    timer = setTimeout(() => (left > LONGEST ? arm(left - LONGEST) : fire()), Math.min(left, LONGEST));
  };
  arm(milliseconds);
  return { stop: () => clearTimeout(timer) };
}

const LONGEST = 2 ** 31 - 1;

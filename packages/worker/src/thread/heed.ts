import type { Flight } from "./flight.ts";
import type { RunOptions, SliceEnd } from "./slice.ts";

/** What a slot can do about a slice that shall end early. */
export interface Stopping {
  /** Nothing more starts. */
  readonly stop: () => void;
  /** The signals of what runs fire. */
  readonly abort: () => void;
  /** What runs is ended together with the thread, if it is still this slice that the thread is at. */
  readonly kill: () => void;
}

/** Waits for the end of a slice, and hurries it when the caller wants it. */
export async function heed(flight: Flight, options: RunOptions, { stop, abort, kill }: Stopping): Promise<SliceEnd> {
  const { signal, drain, grace = 0 } = options;
  let killing: NodeJS.Timeout | undefined;
  const abortSoon = () => {
    flight.aborted = true;
    stop();
    abort();
    killing = setTimeout(kill, grace);
  };
  listen(signal, abortSoon);
  listen(drain, stop);
  try {
    return await flight.done;
  } finally {
    clearTimeout(killing);
    signal?.removeEventListener("abort", abortSoon);
    drain?.removeEventListener("abort", stop);
  }
}

function listen(signal: AbortSignal | undefined, listener: () => void): void {
  if (signal?.aborted) listener();
  else signal?.addEventListener("abort", listener, { once: true });
}

import { isRetryable } from "../../protocol/facts.ts";
import type { Runtime } from "../../runtime.ts";

/** Calls of the provider that fail in a row, of the kind that waiting can help: a minute or two of it is an outage. */
const mostTries = 8;
const longestRetry = 60_000;
const firstRetry = 250;

/** What the provider can't do now is asked for again, a launch with the same token; until the signal fires. */
export async function persistently<T>(runtime: Runtime, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const began = runtime.monotonic();
    try {
      return await call();
    } catch (error) {
      if (!isRetryable(error) || tries === mostTries || signal.aborted) throw error;
      // What went well for so long fails for the first time.
      if (runtime.monotonic() - began > longestRetry) tries = 1;
      await runtime.sleep(Math.min(firstRetry * 2 ** tries, longestRetry), signal);
    }
  }
}

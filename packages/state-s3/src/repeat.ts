import { setTimeout } from "node:timers/promises";
import { answerOf, passes } from "./answer.ts";

/** Time and chance. */
export interface Pauses {
  monotonic(): number;
  sleep(ms: number): Promise<unknown>;
  /** In [0, 1). */
  random(): number;
}

/**
 * Does something again while the service is busy, silent or can't be reached, with full jitter between tries: a crowd
 * that was turned away must not come back in step. Gives up soon and throws the last error, so that who asked can go on
 * in its own rhythm; core's is patient for minutes.
 */
export async function repeated<T>(act: () => Promise<T>, signal?: AbortSignal, by: Pauses = PAUSES): Promise<T> {
  const began = by.monotonic();
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const answer = answerOf(error);
      if (!passes(answer) || signal?.aborted || tries >= RETRY.tries || by.monotonic() - began > RETRY.patience)
        throw error;
      // The clock is set by now; nobody is in the way.
      if (answer !== "skewed") await by.sleep(by.random() * Math.min(RETRY.first * 2 ** tries, RETRY.longest));
    }
  }
}

const PAUSES: Pauses = {
  monotonic: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
  random: () => Math.random(),
};

/** Milliseconds, but `tries`. */
const RETRY = {
  tries: 5,
  /** A first answer takes 20 to 60 ms. */
  first: 100,
  longest: 2000,
  /** Two silent requests of 10 s. */
  patience: 20_000,
} as const;

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import type { BackendErrorCode, StoreErrorCode } from "@skyburst/core";

/** What is there, or a failed test. */
export function must<T>(value: T | undefined, what = "a value"): T {
  assert.ok(value !== undefined, `There is no ${what}.`);
  return value;
}

/** Codes of faults that no repetition cures. */
const FINAL: ReadonlySet<string> = new Set(["invalid-key", "option", "closed"]);

/**
 * The call rejects, or throws, with this code. Known by its shape, not by its class: a plugin may come with a copy of
 * core of its own.
 */
export async function refused(call: () => unknown, code: StoreErrorCode | BackendErrorCode): Promise<void> {
  const error = await thrownBy(call);
  assert.ok(error !== undefined, `It succeeded; expected was an error with the code "${code}".`);
  assert.ok(error instanceof Error, `What it threw is no Error: ${inspect(error)}`);
  assert.equal("code" in error ? error.code : undefined, code, `The error's code. Its message: ${error.message}`);
  const retryable = "retryable" in error ? error.retryable : undefined;
  assert.equal(typeof retryable, "boolean", "An error says by `retryable` whether waiting can help.");
  if (FINAL.has(code)) assert.equal(retryable, false, `No repetition helps against "${code}".`);
}

/** A call was given up by its signal: what it threw is the signal's reason, or says `closed`. */
export function givenUp(error: unknown, signal: AbortSignal): void {
  if (error === signal.reason) return;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  assert.equal(code, "closed", `What it threw is neither the signal's reason nor "closed": ${inspect(error)}`);
}

/** What a call threw or rejected with; `undefined` when it succeeded. */
export async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error ?? new Error("It threw nothing.");
  }
}

/** The first answer that is not `undefined`. Asks again every 10 ms, as long as `patience` says. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  patience: number,
  what: string | (() => string),
): Promise<T> {
  for (const end = performance.now() + patience; ;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() >= end)
      assert.fail(`Not within ${patience / 1000} s: ${typeof what === "string" ? what : what()}.`);
    await setTimeout(10);
  }
}

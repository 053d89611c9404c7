import { SkyburstError } from "../errors.ts";
import type { Outcome } from "../outcome.ts";
import type { Mapped, TaskHandle } from "./session.ts";

/** Most failed indexes that an error's message names. */
const named = 20;

/** @param start Begins the submission; called once. `ordered` overrides what the map's options say. */
export function mapped<T>(start: (ordered: boolean | undefined) => AsyncGenerator<Outcome<T>>): Mapped<T> {
  let used = false;
  const once = (ordered?: boolean) => {
    if (used)
      throw new SkyburstError("option", "A map can be consumed once. Call session.map again to run its tasks again.");
    used = true;
    return start(ordered);
  };
  return {
    [Symbol.asyncIterator]: () => once(),
    async values() {
      const values: T[] = [];
      const failed: Exclude<Outcome<T>, { status: "succeeded" }>[] = [];
      for await (const outcome of once(true)) {
        if (outcome.status === "succeeded") values.push(outcome.value);
        else failed.push(outcome);
      }
      if (failed.length > 0)
        throw new AggregateError(failed.map(errorOf), describe(failed, values.length + failed.length));
      return values;
    },
  };
}

export function taskHandle<T>(start: () => AsyncGenerator<Outcome<T>>): TaskHandle<T> {
  const outcome = first(start());
  // It may be asked for later, or never.
  outcome.catch(() => undefined);
  return {
    outcome: () => outcome,
    async value() {
      const ended = await outcome;
      if (ended.status === "succeeded") return ended.value;
      throw errorOf(ended);
    },
  };
}

async function first<T>(outcomes: AsyncGenerator<Outcome<T>>): Promise<Outcome<T>> {
  let found: Outcome<T> | undefined;
  for await (const outcome of outcomes) found = outcome;
  if (!found) throw new SkyburstError("session", "A submission of one task ended without its outcome.");
  return found;
}

function errorOf<T>(outcome: Exclude<Outcome<T>, { status: "succeeded" }>): Error {
  return outcome.status === "failed" ? outcome.error : new Error(`Task ${outcome.index} was cancelled.`);
}

function describe<T>(failed: readonly Exclude<Outcome<T>, { status: "succeeded" }>[], of: number): string {
  const indexes = failed
    .slice(0, named)
    .map(({ index }) => index)
    .join(", ");
  const more = failed.length > named ? ` and ${failed.length - named} more` : "";
  const firstError = failed[0] ? ` The first error: ${errorOf(failed[0]).message}` : "";
  return `${failed.length} of ${of} tasks did not succeed: ${indexes}${more}.${firstError}`;
}

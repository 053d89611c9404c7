import { SkyburstError } from "../errors.ts";
import type { Ledger } from "../protocol/ledger.ts";
import type { Place } from "./place.ts";

/** The session's ledger as it is now. @throws {SkyburstError} `session` when it was removed. */
export async function standingSession({ id, view }: Place): Promise<Ledger> {
  await view.follow();
  if (view.current.removed) throw removedSession(id);
  return view.current;
}

export function removedSession(id: string): SkyburstError {
  return new SkyburstError("session", `Session ${id} was removed.`);
}

/** @throws {SkyburstError} `option` for an index that no task of the session has. */
export function checkTasks({ id, view }: Place, tasks: readonly number[]): void {
  const { tasks: count } = view.current;
  const wrong = tasks.find((task) => !Number.isSafeInteger(task) || task < 0 || task >= count);
  if (wrong === undefined) return;
  throw new SkyburstError(
    "option",
    `There is no task ${wrong} in session ${id}: it has ${count} so far, counted from 0.`,
  );
}

import { SkyburstError } from "../../errors.ts";

/** All tasks from the one where the step before ends, up to but not including this one, were told as of this level. */
export interface Step {
  /** Retry grants of the ledger. */
  readonly level: number;
  /** Index in the session. */
  readonly task: number;
}

/**
 * How far a session was told, from its first task on: as text `<level>.<task>`, and several of them joined by commas while what a
 * retry has started is told in one part of the session and not yet in another.
 */
export type Cursor = readonly Step[];

/** @throws {SkyburstError} `option` when it is none. */
export function parseCursor(text: string): Cursor {
  if (text === "") return [];
  const steps = text.split(",").map((part) => {
    const found = /^(\d{1,9})\.(\d{1,12})$/.exec(part);
    return found && { level: Number(found[1]), task: Number(found[2]) };
  });
  const known = steps.filter((step) => step !== null);
  const grows = known.every(({ task }, n) => task >= (known[n - 1]?.task ?? 0));
  if (known.length === steps.length && grows) return known;
  throw new SkyburstError(
    "option",
    `${JSON.stringify(text)} is no cursor. It has to be what an earlier reading gave as its cursor, as 0.1000.`,
  );
}

export function cursorText(cursor: Cursor): string {
  return cursor.length === 0 ? "0.0" : cursor.map(({ level, task }) => `${level}.${task}`).join(",");
}

/** The step in which the task was told. undefined: it was not. */
export function stepAt(cursor: Cursor, task: number): Step | undefined {
  return cursor.find((step) => task < step.task);
}

/** The first task that was not told. */
export function endOf(cursor: Cursor): number {
  return cursor.at(-1)?.task ?? 0;
}

/** The cursor when everything from `from` up to `task` is told as of `level` as well. `from` lies in what was told, or at its end. */
export function advance(cursor: Cursor, from: number, { level, task }: Step): Cursor {
  if (task <= from) return cursor;
  const before = cursor
    .filter((_, n) => (cursor[n - 1]?.task ?? 0) < from)
    .map((step) => ({ level: step.level, task: Math.min(step.task, from) }));
  return merged([...before, { level, task }, ...cursor.filter((step) => step.task > task)]);
}

/** One step where several of the same level follow each other. */
function merged(steps: Cursor): Cursor {
  return steps.filter(({ level, task }, n) => task > (steps[n - 1]?.task ?? 0) && steps[n + 1]?.level !== level);
}

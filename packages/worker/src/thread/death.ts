import { describeError } from "./describe-error.ts";
import type { Flight } from "./flight.ts";
import { overdueError } from "./overdue.ts";
import { seconds } from "./seconds.ts";
import type { ErrorJson } from "./slice.ts";
import type { ThreadEnd, ThreadLife } from "./thread-life.ts";

/**
 * Finds who is to blame for the end of a thread, and fails those tasks; the others that ran may run again. Returns what
 * an aborted slice leaves behind.
 */
export function settleDeath(flight: Flight, thread: ThreadLife, end: ThreadEnd): number[] {
  const running = thread.running(flight.slice);
  const positions = running.map(({ position }) => position);
  const time = new Map(running.map(({ position, ms }) => [position, seconds(ms)]));
  const fail = (culprits: readonly number[], error: ErrorJson, blame: "user" | "timeout" | "oom") =>
    flight.fail(culprits, error, blame, (position) => time.get(position) ?? 0);

  if (flight.aborted) return positions;
  if (thread.killedFor === "overdue") {
    const overdue = positions.filter((position) => flight.warned.has(position));
    fail(overdue, overdueError(flight.slice.timeout), "timeout");
  } else if (thread.killedFor === undefined && !thread.explained) {
    const { error, blame } = causeOf(end);
    if (thread.loading) flight.failAll(error, blame);
    else fail(positions, error, blame);
  }
  return [];
}

/** Of a thread that could not tell itself. Memory is shared by all that run, so none of them is innocent. */
function causeOf({ code, error }: ThreadEnd): { error: ErrorJson; blame: "user" | "oom" } {
  if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    const message = "The task ran out of memory: its thread may not use more heap.";
    return { error: { name: "OutOfMemoryError", message, code: error.code }, blame: "oom" };
  }
  if (error !== undefined) return { error: describeError(error), blame: "user" };
  return { error: { name: "Error", message: `The task's thread ended with exit code ${code}.` }, blame: "user" };
}

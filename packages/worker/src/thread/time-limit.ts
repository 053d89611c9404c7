import type { Flight } from "./flight.ts";
import { sharedNow } from "./messages.ts";
import type { ThreadLife } from "./thread-life.ts";

/**
 * Looks after the tasks that run, from outside their thread, and tells in how many milliseconds to look again.
 *
 * When a task's time is over its `ctx.signal` fires. It has failed then, but one that ends by itself within a second
 * leaves its thread to the others. One that does not, or whose thread takes no notice because the task never yields, is
 * ended together with the thread.
 */
export function checkTimes(flight: Flight, thread: ThreadLife): number {
  const { timeout } = flight.slice;
  if (timeout === undefined) return Number.POSITIVE_INFINITY;
  const waits = thread.running(flight.slice).map(({ position, ms }) => {
    if (ms < timeout) return timeout - ms;
    return flight.open([position]).length === 0 ? soon : checkOverdue(flight, thread, position);
  });
  return Math.max(soon, Math.min(timeout, ...waits));
}

const soon = 1;

/** Time for a thread whose event loop turns to take notice. */
const noticeTime = 50;
/** Time for a task to end after its signal fired. */
const endTime = 1000;

function checkOverdue(flight: Flight, thread: ThreadLife, position: number): number {
  const now = sharedNow();
  const warning = flight.warned.get(position);
  if (warning === undefined) {
    const number = thread.warn(flight.number, position);
    flight.warned.set(position, { at: now, number });
    return noticeTime;
  }
  const left = warning.at + (thread.heard(warning.number) ? endTime : noticeTime) - now;
  if (left <= 0) void thread.kill("overdue");
  return left;
}

import { SkyburstError } from "../../errors.ts";
import type { Ledger, Operation } from "../../protocol/ledger.ts";
import type { RetryResult } from "../attached.ts";
import { chunkOfTask } from "./chunk-of-task.ts";
import { chunkTallies } from "../status/chunk-tallies.ts";
import type { Place } from "../place.ts";
import { checkTasks, removedSession, standingSession } from "../standing-session.ts";
import { taskOutcome } from "./task-outcome.ts";

/** Starts failed tasks again: all, or those with these indexes in the session. */
export async function retryFailed(place: Place, task?: number | readonly number[]): Promise<RetryResult> {
  const { id, view } = place;
  const ledger = await standingSession(place);
  if (ledger.cancelled) throw new SkyburstError("session", `Session ${id} was cancelled: nothing of it runs again.`);
  const tasks = task === undefined ? undefined : [...new Set([task].flat())].sort((a, b) => a - b);
  const count = tasks ? await checkFailed(place, tasks) : await failedTasks(place);
  if (count === 0) return { tasks: 0, resumed: false };
  const retry: Operation = { op: "retry", ...(tasks ? { tasks } : {}) };
  let resumed = false;
  for (;;) {
    resumed = crashed(view.current);
    const written = await view.append({
      operations: resumed ? [{ op: "resume" }, retry] : [retry],
      // What is resumed with the retry must be what this was decided on.
      admissible: (current) => !current.cancelled && crashed(current) === resumed,
    });
    if (written) return { tasks: count, resumed };
    if (view.current.removed) throw removedSession(id);
    if (view.current.cancelled)
      throw new SkyburstError("session", `Session ${id} was cancelled: nothing of it runs again.`);
  }
}

function crashed({ paused }: Ledger): boolean {
  return paused?.because === "crashes";
}

/** Of submissions that are not cancelled. What an earlier retry has started is not counted again. */
async function failedTasks({ facts, keys, view }: Place): Promise<number> {
  const ledger = view.current;
  const tallies = await chunkTallies(facts, keys, ledger);
  return tallies
    .filter(({ chunk }) => ledger.submissions[chunk.row.submission]?.cancelled === false)
    .reduce((sum, { failed }) => sum + failed, 0);
}

/** @throws {SkyburstError} for the first of them that did not fail. */
async function checkFailed(place: Place, tasks: readonly number[]): Promise<number> {
  const { id, view } = place;
  checkTasks(place, tasks);
  for (const task of tasks) {
    if (chunkOfTask(view.current, task)?.submission.cancelled === true)
      throw new SkyburstError("session", `Task ${task} of session ${id} is of a submission that was cancelled.`);
    const status = (await taskOutcome(place, task))?.status;
    if (status === "failed") continue;
    throw new SkyburstError(
      "session",
      `Task ${task} of session ${id} ${status === undefined ? "has no outcome yet" : status === "succeeded" ? "succeeded" : "was cancelled"}: only what failed runs again.`,
    );
  }
  return tasks.length;
}

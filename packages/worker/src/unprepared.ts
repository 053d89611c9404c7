import { WorkerError } from "./errors.ts";
import { offsetCount } from "./slot.ts";
import type { Assignment, AssignmentEnd, Tell } from "./slot.ts";

/**
 * Fails all tasks of an assignment, none of which has begun, where what they need has no room at this worker: no fault of theirs, and
 * no reason for the worker to end. Any other error is thrown again.
 */
export function unprepared(problem: unknown, { offsets }: Assignment, report: Tell): AssignmentEnd {
  if (!(problem instanceof WorkerError) || problem.code !== "unwritten") throw problem;
  const { name, message, cause } = problem;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : problem.code;
  const count = offsetCount(offsets);
  for (let position = 0; position < count; position++)
    void report({
      kind: "failed",
      position,
      error: { name, message, code },
      blame: "infrastructure",
      seconds: 0,
    });
  return { unstarted: [], aborted: [] };
}

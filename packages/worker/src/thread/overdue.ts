import type { ErrorJson } from "./slice.ts";

/** What a task failed with whose time was over. */
export function overdueError(timeout = 0): ErrorJson {
  return { name: "TimeoutError", message: `The task ran longer than its time limit of ${duration(timeout)}.` };
}

function duration(ms: number): string {
  return ms < 1000 || ms % 1000 !== 0 ? `${ms}ms` : `${ms / 1000}s`;
}

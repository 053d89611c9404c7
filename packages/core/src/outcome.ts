/** What became of one task. `index` counts within the map's own inputs, `task` within the session, both from 0. */
export type Outcome<T> = Succeeded<T> | Failed | Cancelled;

interface Ended {
  readonly index: number;
  readonly task: number;
  /** Attempts made, from 1; 0 for a task that was cancelled before it ran. */
  readonly attempts: number;
  /** Run time of the last attempt. */
  readonly seconds: number;
}

export interface Succeeded<T> extends Ended {
  readonly status: "succeeded";
  readonly value: T;
}

export interface Failed extends Ended {
  readonly status: "failed";
  /** What the task threw, with name, message, cause, code, and a stack that shows the user's own file and line. */
  readonly error: Error;
  readonly blame: Blame;
}

export interface Cancelled extends Ended {
  readonly status: "cancelled";
}

/**
 * Who is to blame for a failure: the task's own code (`user`), its time limit, its memory, a worker that fell silent
 * again and again (`lost`), an instance that was taken away (`spot`), or the machinery around it.
 */
export type Blame = "user" | "timeout" | "oom" | "lost" | "spot" | "infrastructure";

import type { Shared } from "./shared.ts";

/** A task: one call of the user's function. A promise is awaited; what it comes to is the task's result. */
export type Task<Input, Result> = (input: Input, context: TaskContext) => Result | Promise<Result>;

/** What a task is told besides its input. Valid until the task settles; its members may be taken apart and passed on. */
export interface TaskContext {
  /**
   * Fires when the task should end: its time limit is over (the reason is a `TimeoutError`), or it was cancelled (an
   * `AbortError`). A task that does not end soon after is killed. A task that never yields to the event loop can't see it.
   */
  readonly signal: AbortSignal;
  /** The task's place among the inputs of its map, from 0. */
  readonly index: number;
  /** Which try this is, from 1. It grows only after the task itself failed, never because a worker was lost. */
  readonly attempt: number;
  /** Writes a line to the task's log, formatted as `console.log` does, apart from what goes to stdout and stderr. */
  log(...values: readonly unknown[]): void;
  /**
   * The value that `session.share` stored. It is fetched once per worker and decoded once per thread, so tasks of one
   * thread see the same object: treat it as read-only. Rejects when the store does not have it.
   */
  get<T>(shared: Shared<T>): Promise<T>;
}

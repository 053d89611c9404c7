export type SkyburstErrorCode =
  /** An option, or an argument of a call, has a value that cannot be. */
  | "option"
  /** The task can't be sent to a worker. */
  | "task"
  /** An input can't be sent to a worker. */
  | "input"
  /** `open` was called inside a worker. */
  | "inside-worker"
  /** There is no such session, or it is not clear which. */
  | "session"
  /** Workers can't be started, or end before they work. */
  | "workers"
  /** The session is paused: nothing more is run until it is resumed. */
  | "paused"
  /** The session object was closed. */
  | "closed";

/** What core throws when something other than a task failed. `retryable` says whether the same call may succeed later. */
export class SkyburstError extends Error {
  override readonly name: string = "SkyburstError";
  readonly code: SkyburstErrorCode;
  readonly retryable: boolean;

  constructor(code: SkyburstErrorCode, message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options && "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options?.retryable ?? false;
  }
}

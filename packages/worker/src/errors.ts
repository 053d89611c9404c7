export type WorkerErrorCode =
  /** The slot was closed. */
  | "closed"
  /** More work at a time than a slot takes. */
  | "busy"
  /** What watched a command died, and the command was killed: nobody knows what it did. */
  | "lost"
  /** Whoever took a command's output failed. */
  | "sink"
  /** A thread ended before it was up. */
  | "boot";

/** What slots themselves throw. What becomes of tasks and commands is reported, never thrown. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly code: WorkerErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: WorkerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === "busy" || code === "lost";
  }
}

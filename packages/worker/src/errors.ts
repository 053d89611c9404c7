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
  | "boot"
  /** A shared value could not be fetched. */
  | "unfetched"
  /** A file of the worker's own could not be written. */
  | "unwritten";

/** What slots themselves throw. What becomes of tasks and commands is reported, never thrown; what a task asks for in vain is thrown to it. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly code: WorkerErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: WorkerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = ["busy", "lost", "unfetched", "unwritten"].includes(code);
  }
}

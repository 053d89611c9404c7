export type SlotErrorCode =
  /** The slot was closed. */
  | "closed"
  /** More slices at a time than a slot takes. */
  | "busy"
  /** A thread ended before it was up. */
  | "boot";

/** What a slot itself throws; what becomes of tasks is reported, never thrown. */
export class SlotError extends Error {
  override readonly name = "SlotError";
  readonly code: SlotErrorCode;
  readonly retryable: boolean;

  constructor(code: SlotErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = code === "busy";
  }
}

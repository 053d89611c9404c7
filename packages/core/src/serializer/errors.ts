export type SerializeErrorCode =
  /** Something in the value cannot travel to another process. */
  | "unsupported"
  /** More levels of nesting than are supported. */
  | "too-deep"
  /** What arrived is not what `encode` makes. */
  | "malformed";

/** A value that cannot be encoded, or text and bytes that cannot be decoded. Never worth a retry. */
export class SerializeError extends Error {
  override readonly name = "SerializeError";
  readonly code: SerializeErrorCode;
  /** The part in question, from the value's root: `$.a[3].b`, `$.byName.values[0]` in a Map or Set. */
  readonly path: string;
  readonly retryable = false;

  constructor(code: SerializeErrorCode, path: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}

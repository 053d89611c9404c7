/** A suite that can't be run: `option`: a fact that there is not. What plugins do wrong is a failed test, and no error of ours. */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError";
  readonly code: "option";
  readonly retryable = false;

  constructor(code: "option", message: string) {
    super(message);
    this.code = code;
  }
}

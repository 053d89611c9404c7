export type CommandErrorCode = "busy" | "closed" | "lost" | "sink";

/** A command whose outcome is unknown, or that could not be accepted. A command that fails is a result and never this. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: CommandErrorCode;
  /** Whether the same command may be run again: "lost" only, for it was killed and said nothing of its own fate. */
  readonly retryable: boolean;

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === "lost";
  }
}

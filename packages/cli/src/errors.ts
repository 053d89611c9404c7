export type CliErrorCode =
  /** The command line, the configuration or the inputs can't be used. */
  | "usage"
  /** Inputs turned out to be wrong after some of them had been submitted. */
  | "input"
  /** Stopped by a signal. */
  | "interrupted"
  /** The session is paused. */
  | "paused"
  /** No supervisor could be started for a session that is stored. */
  | "supervisor"
  /** Nobody reads the output any more. */
  | "pipe";

/** What ends the command with one line on stderr. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly exitCode: number;
  readonly retryable = false;

  constructor(code: CliErrorCode, message: string, options?: { cause?: unknown; exitCode?: number }) {
    super(message, options && "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.exitCode = options?.exitCode ?? exitCodes[code];
  }
}

const exitCodes = { usage: 2, input: 1, interrupted: 130, paused: 4, supervisor: 125, pipe: 141 } as const;

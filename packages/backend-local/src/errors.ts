import { BackendError } from "@skyburst/core";

/** `closed`: the backend was closed. `option`: an option or argument can't be used. `permission`: the output directory isn't safe. */
export type LocalBackendErrorCode = "closed" | "option" | "permission";

/** What `local()` and its backend throw, never worth another try. What goes wrong with a single worker is a refusal of its slot instead. */
export class LocalBackendError extends BackendError {
  override readonly name = "LocalBackendError";
  declare readonly code: LocalBackendErrorCode;

  constructor(code: LocalBackendErrorCode, message: string) {
    super(code, message, { retryable: false });
  }
}

/** The `code` of a system error (`ENOENT`), or undefined when it is something else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

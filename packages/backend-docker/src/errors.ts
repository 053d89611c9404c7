import { BackendError } from "@skyburst/core";

/**
 * `unavailable`: the engine answers no more, or is not able to now. `permission`: it does not let us. `image`: the image is not there, can't be
 * had, or is of another platform. `option`: an option or argument can't be used, as an address at which there is no engine. `closed`: the backend was closed.
 */
export type DockerBackendErrorCode = "unavailable" | "permission" | "image" | "option" | "closed";

/** What `docker()` and its backend throw. What goes wrong with a single worker is a refusal of its slot instead. */
export class DockerBackendError extends BackendError {
  override readonly name = "DockerBackendError";
  declare readonly code: DockerBackendErrorCode;

  constructor(code: DockerBackendErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: code === "unavailable" });
  }
}

/** HTTP status of the engine's answer; undefined when it gave none. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}

/** What the engine says in its answer, without what dockerode puts around it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json = "json" in error ? error.json : undefined;
  const said =
    typeof json === "object" && json !== null && "message" in json && typeof json.message === "string"
      ? json.message
      : error.message.replace(/^\(HTTP code \d+\) [^-]*- /, "");
  return said.trim();
}

/** What an error of the SDK, or of the network below it, means for the request that it ended. */
export type Answer =
  /** 412: the key is taken. */
  | "taken"
  /** 409: another request on the same key is under way. */
  | "conflict"
  /** Turned away before anything was done; later it may work. */
  | "busy"
  /** No connection came about, so that nothing was sent. */
  | "unreached"
  /** Sent, and no answer, or one that says nothing of what was done. */
  | "silent"
  /** The signature was made by a clock that was off; the SDK has set it by the answer. */
  | "skewed"
  /** Not there. */
  | "missing"
  /** An answer that the same request would get again. */
  | "refused";

export function answerOf(error: unknown): Answer {
  const { status, name, network } = detailsOf(error);
  if (skewCorrected(error)) return "skewed";
  if (BUSY.has(name) || status === 429) return "busy";
  if (status === undefined) {
    if (UNREACHED.has(network)) return "unreached";
    return SILENT.has(network) || name === "TimeoutError" || name === "AbortError" ? "silent" : "refused";
  }
  // Only the status tells: services differ in what they call it.
  if (status === 412) return "taken";
  if (status === 409) return CONFLICT.has(name) ? "conflict" : "refused";
  if (status === 404 && name !== "NoSuchBucket") return "missing";
  if (name === "RequestTimeout") return "silent";
  return status === 500 || status === 502 || status === 503 || status === 504 ? "silent" : "refused";
}

/** Whether the same request may be answered otherwise later. */
export function passes(answer: Answer): boolean {
  return answer !== "taken" && answer !== "missing" && answer !== "refused";
}

/** Whether a request went out at all: without credentials, say, none does. */
export function wasSent(error: unknown): boolean {
  const answer = answerOf(error);
  return detailsOf(error).status !== undefined || answer === "silent";
}

export interface ErrorDetails {
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** S3's code, as `SlowDown`. */
  readonly name: string;
  /** Node's code, as `ECONNRESET`. */
  readonly network: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** How often the SDK sent the request. */
  readonly attempts: number;
}

/** By shape: a client that was passed in may come with its own copy of the SDK. */
export function detailsOf(error: unknown): ErrorDetails {
  const it = fields(error);
  const metadata = fields(it.$metadata);
  const response = fields(it.$response);
  const status = metadata.httpStatusCode ?? response.statusCode;
  return {
    status: typeof status === "number" ? status : undefined,
    name: typeof it.name === "string" ? it.name : "",
    network: typeof it.code === "string" ? it.code : "",
    message: error instanceof Error ? error.message : String(error),
    headers: fields(response.headers) as Readonly<Record<string, string | undefined>>,
    attempts: typeof metadata.attempts === "number" ? metadata.attempts : 1,
  };
}

function skewCorrected(error: unknown): boolean {
  return fields(fields(error).$metadata).clockSkewCorrected === true;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

const BUSY = new Set([
  "SlowDown",
  "SlowDownRead",
  "SlowDownWrite",
  "Throttling",
  "ThrottlingException",
  "TooManyRequests",
]);
const CONFLICT = new Set(["ConditionalRequestConflict", "OperationAborted"]);
const UNREACHED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);
const SILENT = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ECONNABORTED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "HPE_INVALID_CONSTANT",
]);

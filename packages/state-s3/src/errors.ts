import { StoreError, type StoreErrorCode } from "@skyburst/core";
import { answerOf, detailsOf, type ErrorDetails } from "./answer.ts";

/** What an S3 store throws. `cause` is the SDK's own error where there was one. */
export class S3StoreError extends StoreError {
  override readonly name = "S3StoreError";
}

/** What was being done, and where: for the message. */
export interface Attempt {
  /** As `create "s/1/lease/0"`. */
  readonly doing: string;
  readonly bucket: string;
  /** As `s3://bucket/prefix at http://host`. */
  readonly place: string;
  /** Whether anything has ever answered there. */
  readonly known: boolean;
}

/** An error of the SDK in the store's words. What is the store's own passes through. */
export function translated(error: unknown, attempt: Attempt): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const details = detailsOf(error);
  const { code, why, retryable } = meaningOf(error, details, attempt);
  const said = details.status === undefined ? oneLine(details.message) : `${details.name} ${details.status}`;
  return new S3StoreError(code, `Cannot ${attempt.doing} in ${attempt.place}: ${why} (${said})`, {
    cause: error,
    retryable: retryable ?? code === "unavailable",
  });
}

/** The error of a create that was sent and not answered. */
export function unanswered(key: string, place: string, cause: unknown): S3StoreError {
  const { message } = detailsOf(cause);
  return new S3StoreError(
    "unknown",
    `${place} did not say whether it created ${JSON.stringify(key)}; create it again to know (${oneLine(message)})`,
    { cause },
  );
}

interface Meaning {
  readonly code: StoreErrorCode;
  readonly why: string;
  readonly retryable?: boolean;
}

function meaningOf(error: Error, details: ErrorDetails, { bucket, known }: Attempt): Meaning {
  const { name, status, network } = details;
  const region = rightRegion(error, details);
  if (region !== undefined)
    return { code: "option", why: `The bucket is in the region ${region}; give \`region: "${region}"\`.` };
  if (name === "NoSuchBucket")
    return { code: "not-found", why: `There is no bucket ${bucket}; create it, or name another.` };
  if (name === "RequestTimeTooSkewed" || name === "RequestExpired")
    return { code: "permission", why: clockOff(details) };
  const meaning = MEANINGS[name];
  if (meaning !== undefined) return { code: meaning[0], why: meaning[1] };
  if (/\bcredentials?\b/i.test(error.message) && status === undefined)
    return { code: "permission", why: NO_CREDENTIALS };
  if (/region is missing/i.test(error.message))
    return { code: "option", why: "No region is set; give the option `region`, or set AWS_REGION." };
  if (name.startsWith("KMS")) return { code: "permission", why: "The encryption key refused it; see `encryption`." };
  const answer = answerOf(error);
  if (answer === "unreached") {
    const mistaken = !known && (network === "ECONNREFUSED" || network === "ENOTFOUND");
    const why = "Nothing answers there; start the service, or correct the endpoint or region.";
    return { code: "unavailable", why, retryable: !mistaken };
  }
  if (answer === "silent") return { code: "unavailable", why: "The service did not answer; try again." };
  return byStatus(status);
}

function byStatus(status: number | undefined): Meaning {
  if (status === 401 || status === 403) return { code: "permission", why: DENIED };
  if (status === 409)
    return { code: "unavailable", why: "Other requests on the same key stand in the way; try again." };
  if (status === 412) return { code: "unavailable", why: "The object is deleted as fast as it is created; try again." };
  if (status === 429) return { code: "unavailable", why: BUSY };
  if (status === 501) return { code: "unfit", why: NO_CONDITION };
  if (status === 507) return { code: "full", why: FULL };
  return {
    code: "unavailable",
    why: "This is no answer of S3; check the endpoint, and what stands before it.",
    retryable: false,
  };
}

/** The region of the bucket, when the service says that it is another than asked. */
function rightRegion(error: Error, { name, status, headers }: ErrorDetails): string | undefined {
  if (status !== 301 && status !== 307 && !WRONG_REGION.has(name)) return undefined;
  const told = "Region" in error && typeof error.Region === "string" ? error.Region : undefined;
  return headers["x-amz-bucket-region"] ?? told ?? /expecting '([\w-]+)'/.exec(error.message)?.[1];
}

function clockOff({ headers }: ErrorDetails): string {
  const theirs = Date.parse(headers.date ?? "");
  const by = Number.isNaN(theirs) ? "" : ` by ${Math.round(Math.abs(Date.now() - theirs) / 60_000)} minutes`;
  return `The clock of this machine is off${by}; set it.`;
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, " ").slice(0, 200);
}

const WRONG_REGION = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);
const DENIED =
  "These credentials may not do that; give them what `policy({ bucket, prefix })` of @skyburst/state-s3 lists, or use others.";
const NO_CREDENTIALS =
  "No credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, log in, or give the machine a role.";
const EXPIRED = "The credentials have expired; log in again, or renew them.";
const UNKNOWN_KEY =
  "The service doesn't know these credentials; check AWS_ACCESS_KEY_ID, AWS_PROFILE and the endpoint.";
const WRONG_SECRET = "The signature is wrong; check the secret access key.";
const BUSY = "The service asks to slow down; try again later, or use fewer workers.";
const FULL = "The service has no space left, or a quota is used up; free some.";
const NO_CONDITION =
  "The service can't create an object only once (If-None-Match), which this store rests on; use another.";
const LONG = "The key is longer than the service allows; use a shorter prefix.";
const NESTED = "The key is the parent of another key, or has one as its parent.";

const MEANINGS: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  AccessDenied: ["permission", DENIED],
  AllAccessDisabled: ["permission", DENIED],
  AccountProblem: ["permission", DENIED],
  InvalidAccessKeyId: ["permission", UNKNOWN_KEY],
  SignatureDoesNotMatch: ["permission", WRONG_SECRET],
  ExpiredToken: ["permission", EXPIRED],
  ExpiredTokenException: ["permission", EXPIRED],
  TokenRefreshRequired: ["permission", EXPIRED],
  InvalidToken: ["permission", EXPIRED],
  CredentialsProviderError: ["permission", NO_CREDENTIALS],
  InvalidBucketName: ["option", "The bucket's name can't be one; correct it."],
  KeyTooLongError: ["invalid-key", LONG],
  ObjectParentIsFile: ["invalid-key", NESTED],
  ExistingObjectIsDirectory: ["invalid-key", NESTED],
  NotImplemented: ["unfit", NO_CONDITION],
  SlowDown: ["unavailable", BUSY],
  QuotaExceeded: ["full", FULL],
  XMinioStorageFull: ["full", FULL],
  EntityTooLarge: ["full", "The object is larger than the service takes."],
};

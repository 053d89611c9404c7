import type { S3Client } from "@aws-sdk/client-s3";
import type { JsonObject, StorePace } from "@skyburst/core";
import { S3StoreError } from "./errors.ts";
import { keyFault } from "./key.ts";

/** What the store asks of a client that it is given. */
export type BorrowedClient = Pick<S3Client, "send" | "config" | "middlewareStack">;

/** Encryption at rest by the service: its own key, or one of the Key Management Service (default: the account's own). */
export type Encryption = "AES256" | "aws:kms" | { readonly kmsKeyId: string };

export interface S3Options {
  /** Name or ARN of a general purpose bucket that exists. */
  readonly bucket: string;
  /** Path in the bucket below which all objects are, as `team/jobs`. Default: the bucket itself. */
  readonly prefix?: string | undefined;
  /** Default: `AWS_REGION`, else what the SDK finds; `us-east-1` for an endpoint that is not AWS. */
  readonly region?: string | undefined;
  /** URL of an S3-compatible service. Default: `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, else AWS. */
  readonly endpoint?: string | undefined;
  /** The bucket in the path of URLs, not in the host name. Default: true for an endpoint that is not AWS. */
  readonly forcePathStyle?: boolean | undefined;
  /** Default: what the bucket says; AWS encrypts everything since 2023. */
  readonly encryption?: Encryption | undefined;
  /** The rhythm of the protocol, where it should differ from S3's. Workers keep to it too. */
  readonly pace?: Partial<StorePace> | undefined;
  /**
   * A client to send by, with any credentials, retries and middleware. It is borrowed: `close` leaves it open. Workers
   * can't be given it: they open the store by the other options, with what credentials they find.
   */
  readonly client?: BorrowedClient | undefined;
}

/** Options with every value checked and every default in place. */
export interface Settings {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly root: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
  readonly encryption: Encryption | undefined;
  readonly pace: StorePace;
  /** What differs from the default, for the reference. */
  readonly ownPace: JsonObject | undefined;
}

/** The settings of `s3(options)`. The environment counts now: a worker elsewhere has another. */
export function settings({ client: _, ...options }: S3Options, env: NodeJS.ProcessEnv): Settings {
  const ignored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true";
  const configured = ignored ? undefined : env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined;
  return checked({
    ...options,
    region: options.region ?? (env.AWS_REGION || undefined),
    endpoint: options.endpoint ?? configured,
  });
}

/** The settings in a store reference. */
export function referenced(options: JsonObject): Settings {
  return checked(options);
}

/** What `referenced` makes the same settings of. */
export function referenceOf(it: Settings): JsonObject {
  const { bucket, region, endpoint, forcePathStyle, encryption, ownPace } = it;
  return {
    bucket,
    ...(it.root === "" ? {} : { prefix: it.root.slice(0, -1) }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle,
    ...(encryption === undefined ? {} : { encryption }),
    ...(ownPace === undefined ? {} : { pace: ownPace }),
  };
}

/** Whether a host is Amazon's own, whose S3 is known to keep the contract. */
export function isAws(host: string): boolean {
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/.test(host);
}

function checked(options: { readonly [name: string]: unknown }): Settings {
  refuseUnknown(options);
  const endpoint = endpointOf(options.endpoint);
  const elsewhere = endpoint !== undefined && !isAws(new URL(endpoint).hostname);
  const ownPace = paceOf(options.pace);
  return {
    bucket: bucketOf(options.bucket),
    root: rootOf(options.prefix),
    region: textOf("region", options.region) ?? (elsewhere ? "us-east-1" : undefined),
    endpoint,
    forcePathStyle: flagOf("forcePathStyle", options.forcePathStyle) ?? elsewhere,
    encryption: encryptionOf(options.encryption),
    pace: { ...PACE, ...ownPace },
    ownPace,
  };
}

function bucketOf(value: unknown): string {
  if (typeof value !== "string" || !/^(arn:[^\s]+|[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])$/.test(value))
    throw refused("bucket", value, "give the name of a bucket that exists, or its ARN");
  if (value.endsWith("--x-s3"))
    throw refused(
      "bucket",
      value,
      "a directory bucket (S3 Express One Zone) lists in no order and from no key on; give a general purpose bucket",
    );
  return value;
}

function rootOf(value: unknown): string {
  if (value === undefined || value === "") return "";
  const path = textOf("prefix", value)?.replace(/\/$/, "") ?? "";
  if (keyFault(path) !== undefined || Buffer.byteLength(path) > LONGEST_PREFIX)
    throw refused("prefix", value, `give a path as "team/jobs" of at most ${LONGEST_PREFIX} bytes`);
  return `${path}/`;
}

function endpointOf(value: unknown): string | undefined {
  const text = textOf("endpoint", value);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw refused("endpoint", value, "give a URL as https://s3.example.com");
  if (url.username !== "" || url.password !== "")
    throw new S3StoreError(
      "option",
      "The store's `endpoint` has a user or password in it, and workers are told it in the open: give credentials by the environment.",
    );
  return text.replace(/\/$/, "");
}

function encryptionOf(value: unknown): Encryption | undefined {
  if (value === undefined || value === "AES256" || value === "aws:kms") return value;
  if (typeof value === "object" && value !== null && "kmsKeyId" in value && Object.keys(value).length === 1) {
    const { kmsKeyId } = value;
    if (typeof kmsKeyId === "string" && kmsKeyId !== "") return { kmsKeyId };
  }
  throw refused("encryption", value, 'give "AES256", "aws:kms" or { kmsKeyId }');
}

function paceOf(value: unknown): (Partial<StorePace> & JsonObject) | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) throw refused("pace", value, "give an object");
  const own: { [name: string]: number | readonly [number, number] } = {};
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined) continue;
    if (name === "poll" && isRange(given)) own[name] = given;
    else if ((name === "ttl" || name === "commitInterval" || name === "chunksPerSlot") && isPositive(given))
      own[name] = given;
    else throw refused(`pace.${name}`, given, "give ttl, commitInterval and poll in milliseconds, or chunksPerSlot");
  }
  if (typeof own.ttl === "number" && own.ttl < 1000) throw refused("pace.ttl", own.ttl, "give at least 1,000 ms");
  return own;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isRange(value: unknown): value is readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [shortest, longest] = value as readonly unknown[];
  return isPositive(shortest) && isPositive(longest) && shortest <= longest;
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw refused(name, value, "give a text that is not empty");
}

function flagOf(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw refused(name, value, "give true or false");
}

function refuseUnknown(options: object): void {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown === undefined) return;
  throw new S3StoreError(
    "option",
    `An S3 store has no option \`${unknown}\`: it takes ${KNOWN.join(", ")} and client.`,
  );
}

function refused(name: string, value: unknown, advice: string): S3StoreError {
  return new S3StoreError("option", `The store's \`${name}\` is ${JSON.stringify(value) ?? String(value)}: ${advice}.`);
}

const KNOWN = ["bucket", "prefix", "region", "endpoint", "forcePathStyle", "encryption", "pace"];

/** The protocol's own keys are at most some 200 bytes long, and a key and the prefix share 1,024. */
const LONGEST_PREFIX = 512;

/**
 * What a request costs in time and money sets the rhythm, and the service's limit: 3,500 writes a second on the keys
 * below one prefix, and 5,500 reads. 1,000 workers write a commit per 15 s each, a claim per 20 s of work or more and a
 * heartbeat only in silence: 67 + 50 a second, 3 % of it; at the start, all claim at once, 4 chunks each: 4,000 creates
 * over the seconds in which workers come up. So keys are not hashed, which would spread that load over prefixes and take
 * ordered listings away.
 */
const PACE: StorePace = { ttl: 60_000, commitInterval: 15_000, poll: [1000, 30_000], chunksPerSlot: 8 };

import type { S3Client } from "@aws-sdk/client-s3";
import type { JsonObject, StorePace } from "@skyburst/core";
import { bucketOf, encryptionOf, endpointOf, flagOf, refuseUnknown, rootOf, textOf } from "./option-values.ts";
import { PACE, paceOf } from "./pace.ts";

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

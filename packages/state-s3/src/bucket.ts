import type { Connection } from "./connection.ts";
import type { Settings } from "./options.ts";

/** Where the objects are, and the way there. */
export interface Bucket {
  readonly connection: Connection;
  readonly settings: Settings;
  /** The name that the service knows an object by. */
  readonly nameOf: (key: string) => string;
}

export function bucketOf(connection: Connection, settings: Settings): Bucket {
  return { connection, settings, nameOf: (key) => settings.root + key };
}

/** As people write it. */
export function placeOf({ bucket, root, endpoint }: Settings): string {
  const path = root === "" ? "" : `/${root.slice(0, -1)}`;
  return `s3://${bucket}${path}${endpoint === undefined ? "" : ` at ${endpoint}`}`;
}

/** Parameters of a request that makes an object. */
export function encryptionOf({ encryption }: Settings) {
  if (encryption === undefined) return {};
  if (encryption === "AES256") return { ServerSideEncryption: "AES256" } as const;
  // A key per bucket and not per object: a hundredth of the requests to the Key Management Service.
  const byKey = { ServerSideEncryption: "aws:kms", BucketKeyEnabled: true } as const;
  return encryption === "aws:kms" ? byKey : { ...byKey, SSEKMSKeyId: encryption.kmsKeyId };
}

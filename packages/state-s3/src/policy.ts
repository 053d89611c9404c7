import { S3StoreError } from "./errors.ts";

export interface PolicyOptions {
  readonly bucket: string;
  /** As the store's; default: the whole bucket. */
  readonly prefix?: string | undefined;
  /** ARN of the key that `encryption: { kmsKeyId }` names. */
  readonly kmsKeyArn?: string | undefined;
}

/** An identity policy of AWS IAM, as JSON. */
export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * The least that clients and workers need to be allowed, for the role or user that they run as.
 *
 * Without `s3:ListBucket` a missing object is answered by 403 like a forbidden one. The condition is `IfExists` because
 * that answer is decided on a request which has no prefix to compare; so a listing without any prefix shows names in the
 * whole bucket. Give a bucket of its own to who must not see those.
 */
export function policy({ bucket, prefix, kmsKeyArn }: PolicyOptions): Policy {
  if (!bucket) throw new S3StoreError("option", "The policy's `bucket` is empty: give the name of the store's bucket.");
  const arn = bucket.startsWith("arn:") ? bucket : `arn:aws:s3:::${bucket}`;
  const path = prefix ? `${prefix.replace(/\/$/, "")}/` : "";
  const list: Statement = { Sid: "SkyburstList", Effect: "Allow", Action: ["s3:ListBucket"], Resource: arn };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "SkyburstObjects",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
        Resource: `${arn}/${path}*`,
      },
      path === "" ? list : { ...list, Condition: { StringLikeIfExists: { "s3:prefix": [`${path}*`] } } },
      ...(kmsKeyArn === undefined ? [] : [keyUse(kmsKeyArn)]),
    ],
  };
}

function keyUse(arn: string): Statement {
  return { Sid: "SkyburstKey", Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: arn };
}

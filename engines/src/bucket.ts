import { randomUUID } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Engine } from "./engine.ts";

/** Makes a bucket, which only the real server with these credentials can answer. */
export async function makeBucket({
  endpoint,
  accessKeyId,
  secretAccessKey,
}: Pick<S3Engine, "endpoint" | "accessKeyId" | "secretAccessKey">): Promise<string> {
  // The SDK tells everyone on Node 20 what its versions of 2027 need.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    const name = `tests-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: name }));
    return name;
  } finally {
    client.destroy();
  }
}

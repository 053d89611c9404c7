import type { Bucket } from "./bucket.ts";
import { S3StoreError } from "./errors.ts";

/** A URL that gives one object to whoever has it, until it expires. It is made here: nothing is sent. */
export async function signUrl({ connection, settings, nameOf }: Bucket, key: string, expires: number): Promise<string> {
  const seconds = Math.floor(expires / 1000);
  if (!(seconds >= 1 && seconds <= WEEK))
    throw new S3StoreError("option", `\`expires\` is ${expires} ms: a signed URL holds for 1 s to 7 days.`);
  const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
  const { sdk, client } = await connection.open();
  const command = new sdk.GetObjectCommand({ Bucket: settings.bucket, Key: nameOf(key) });
  return getSignedUrl(client as Parameters<typeof getSignedUrl>[0], command, { expiresIn: seconds });
}

const WEEK = 7 * 24 * 3600;

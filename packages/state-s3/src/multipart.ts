import type { CompletedPart } from "@aws-sdk/client-s3";
import { answerOf } from "./answer.ts";
import { type Bucket, encryptionOf } from "./bucket.ts";
import type { Open } from "./connection.ts";
import { repeated } from "./repeat.ts";

/** Bytes of a part, and the largest body that is sent whole. S3 takes 10,000 parts of 5 MiB or more. */
export const PART = 8 * 2 ** 20;

/**
 * Sends a large body in parts that are views of it, so that nothing is copied but what is on its way. The object appears
 * when the upload is completed, under the same condition as one that is sent whole.
 *
 * Whatever goes wrong, the parts are given back; those of a process that is killed lie about until the bucket's
 * lifecycle rule for incomplete uploads takes them.
 */
export async function upload(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  condition: "*" | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connection, settings, nameOf } = bucket;
  const target = { Bucket: settings.bucket, Key: nameOf(key) };
  const kind = condition === "*" ? "create" : "put";
  const send = <T>(act: (open: Open) => Promise<T>) => repeated(() => connection.request(kind, act), signal);

  const { UploadId } = await send(({ client, sdk }) =>
    client.send(new sdk.CreateMultipartUploadCommand({ ...target, ...encryptionOf(settings) })),
  );
  try {
    const parts = await inParts(body, async (number, bytes) => {
      const { ETag } = await send(({ client, sdk }) =>
        client.send(new sdk.UploadPartCommand({ ...target, UploadId, PartNumber: number, Body: bytes })),
      );
      return { PartNumber: number, ETag };
    });
    // Never repeated by itself: who asked has to know that an answer was lost, and starts over.
    await connection.request(kind, ({ client, sdk }) =>
      client.send(
        new sdk.CompleteMultipartUploadCommand({
          ...target,
          UploadId,
          MultipartUpload: { Parts: parts },
          IfNoneMatch: condition,
        }),
      ),
    );
  } catch (error) {
    await discard(bucket, target, UploadId);
    // The upload is gone, by somebody's lifecycle rule or sweep: to be started over.
    throw answerOf(error) === "missing" ? new Gone(error) : error;
  }
}

async function inParts(
  body: Uint8Array,
  send: (number: number, bytes: Uint8Array) => Promise<CompletedPart>,
): Promise<CompletedPart[]> {
  const size = Math.max(PART, Math.ceil(body.length / MOST_PARTS));
  const count = Math.ceil(body.length / size);
  const parts: CompletedPart[] = [];
  let next = 0;
  let failed = false;
  const line = async () => {
    try {
      for (let at = next++; at < count && !failed; at = next++)
        parts[at] = await send(at + 1, body.subarray(at * size, (at + 1) * size));
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const lines = await Promise.allSettled(Array.from({ length: LINES }, line));
  for (const line of lines) if (line.status === "rejected") throw line.reason;
  return parts;
}

/** An upload that was completed after all has nothing to give back; what can't be given back is left to the lifecycle rule. */
async function discard(
  { connection }: Bucket,
  target: { readonly Bucket: string; readonly Key: string },
  UploadId: string | undefined,
): Promise<boolean> {
  try {
    await repeated(() =>
      connection.request("delete", ({ client, sdk }) =>
        client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })),
      ),
    );
    return true;
  } catch {
    return false;
  }
}

class Gone extends Error {
  override readonly name = "OperationAborted";
  readonly $metadata = { httpStatusCode: 409 };

  constructor(cause: unknown) {
    super("The upload was given up by somebody else.", { cause });
  }
}

/** Parts on their way at a time: 32 MB. */
const LINES = 4;
const MOST_PARTS = 10_000;

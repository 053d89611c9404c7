import { answerOf, detailsOf, passes } from "./answer.ts";
import { type Bucket, encryptionOf, placeOf } from "./bucket.ts";
import { unanswered } from "./errors.ts";
import { PART, upload } from "./multipart.ts";
import { compareObject } from "./read.ts";
import { repeated } from "./repeat.ts";

export interface CreateOnce {
  readonly exclusive: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Creates an object unless one is there, by `If-None-Match: *`.
 *
 * A request whose answer was lost may have written, and its repetition is then told that the key is taken: by itself. So
 * "taken" is `false` at once only on a first try by a caller that repeats nothing; else the bytes decide.
 */
export async function createOnce(bucket: Bucket, key: string, body: Uint8Array, options: CreateOnce): Promise<boolean> {
  const { exclusive, signal } = options;
  let sent = false;
  try {
    // A GET is a twelfth of the price of a PUT, and much less than sending so much for nothing.
    const there = body.length > PART ? await compareObject(bucket, key, body, signal) : undefined;
    if (there !== undefined) return there;
    return await repeated(async () => {
      try {
        await write(bucket, key, body, "*", signal);
        return true;
      } catch (error) {
        const answer = answerOf(error);
        if (answer === "taken") {
          if (exclusive && !sent && detailsOf(error).attempts === 1) return false;
          const same = await compareObject(bucket, key, body, signal);
          if (same !== undefined) return same;
          throw new Vanished(error);
        }
        // A conflict may be with a request of ours that is still under way.
        sent ||= answer === "silent" || answer === "conflict" || detailsOf(error).attempts > 1;
        throw error;
      }
    }, signal);
  } catch (error) {
    if (sent && passes(answerOf(error))) throw unanswered(key, placeOf(bucket.settings), error);
    throw error;
  }
}

/** Writes an object whatever is there. */
export async function replace(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  await repeated(() => write(bucket, key, body, undefined, signal), signal);
}

async function write(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  condition: "*" | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (body.length > PART) return upload(bucket, key, body, condition, signal);
  const { connection, settings, nameOf } = bucket;
  await connection.request(condition === "*" ? "create" : "put", ({ client, sdk }) =>
    client.send(
      new sdk.PutObjectCommand({
        Bucket: settings.bucket,
        Key: nameOf(key),
        Body: body,
        IfNoneMatch: condition,
        ...encryptionOf(settings),
      }),
    ),
  );
}

/** Deleted between the answer that it is there and the look at it: created again, like after a conflict. */
class Vanished extends Error {
  override readonly name = "OperationAborted";
  readonly $metadata = { httpStatusCode: 409 };

  constructor(cause: unknown) {
    super("The object is deleted as fast as it is created.", { cause });
  }
}

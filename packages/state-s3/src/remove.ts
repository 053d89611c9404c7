import { createHash } from "node:crypto";
import type { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import { answerOf } from "./answer.ts";
import type { Bucket } from "./bucket.ts";
import { repeated } from "./repeat.ts";

/**
 * Deletes objects, 1,000 a request, one request at a time: each key counts as a write against the 3,500 a second that S3
 * takes below a prefix, and answers come about three a second.
 */
export async function removeObjects(
  bucket: Bucket,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    let left = keys.slice(from, from + AT_ONCE).map(bucket.nameOf);
    await repeated(async () => {
      const refused = await removeSome(bucket, left);
      if (refused.length === 0) return;
      // What is left is tried again only if all of it may go then.
      left = refused.map(({ key }) => key);
      throw refused.find((it) => answerOf(it) === "refused") ?? refused[0];
    }, signal);
  }
}

async function removeSome({ connection, settings }: Bucket, names: readonly string[]): Promise<Refused[]> {
  const { Errors = [] } = await connection.request("delete", ({ client, sdk }) => {
    const command = new sdk.DeleteObjectsCommand({
      Bucket: settings.bucket,
      Delete: { Objects: names.map((Key) => ({ Key })), Quiet: true },
    });
    if (settings.endpoint !== undefined) addMd5(command);
    return client.send(command);
  });
  return Errors.filter(({ Code }) => Code !== "NoSuchKey").map(
    ({ Key, Code, Message }) => new Refused(Key, Code, Message),
  );
}

/** The SDK sends a CRC32 only; services from before 2025 want the MD5 that this request always had. */
function addMd5(command: DeleteObjectsCommand): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const { body, headers } = args.request as PlainRequest;
      if (typeof body === "string") headers["content-md5"] = createHash("md5").update(body).digest("base64");
      return next(args);
    },
    { step: "build", name: "skyburstMd5", override: true },
  );
}

interface PlainRequest {
  readonly body?: unknown;
  readonly headers: Record<string, string>;
}

/** One key's error out of an answer that is 200 as a whole; it has the shape of the SDK's. */
class Refused extends Error {
  override readonly name: string;
  readonly key: string;
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(key = "", code = "InternalError", message = "") {
    super(message);
    this.name = code;
    this.key = key;
    this.$metadata = { httpStatusCode: STATUS[code] ?? 500 };
  }
}

const AT_ONCE = 1000;
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  SlowDown: 503,
  InternalError: 500,
  NotImplemented: 501,
};

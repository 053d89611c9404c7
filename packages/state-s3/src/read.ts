import { Readable } from "node:stream";
import { answerOf } from "./answer.ts";
import type { Bucket } from "./bucket.ts";
import { repeated } from "./repeat.ts";

/** An object's bytes, in the memory that `into` gives, or else in a buffer of their own. `undefined`: there is none. */
export async function fetchObject(
  bucket: Bucket,
  key: string,
  {
    into,
    signal,
  }: { readonly into?: ((size: number) => Uint8Array) | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array | undefined> {
  return readObject(bucket, key, signal, async (body, size) => {
    const bytes = into ? into(size).subarray(0, size) : new Uint8Array(size);
    let at = 0;
    for await (const chunk of body) {
      if (at + chunk.length > size) break;
      bytes.set(chunk, at);
      at += chunk.length;
    }
    if (at !== size) throw new Incomplete();
    return bytes;
  });
}

/** Whether an object has exactly these bytes. It is compared as it comes, so that no second copy is in memory. `undefined`: there is none. */
export async function compareObject(
  bucket: Bucket,
  key: string,
  expected: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  return readObject(bucket, key, signal, async (body, size) => {
    if (size !== expected.length) return false;
    let at = 0;
    for await (const chunk of body) {
      if (Buffer.compare(chunk, expected.subarray(at, at + chunk.length)) !== 0) return false;
      at += chunk.length;
    }
    if (at !== size) throw new Incomplete();
    return true;
  });
}

async function readObject<T>(
  { connection, settings, nameOf }: Bucket,
  key: string,
  signal: AbortSignal | undefined,
  read: (body: AsyncIterable<Uint8Array>, size: number) => Promise<T>,
): Promise<T | undefined> {
  return repeated(async () => {
    try {
      return await connection.request("get", async ({ client, sdk }) => {
        const { Body, ContentLength } = await client.send(
          new sdk.GetObjectCommand({ Bucket: settings.bucket, Key: nameOf(key) }),
        );
        if (!(Body instanceof Readable) || ContentLength === undefined)
          throw new TypeError("An object without a body.");
        try {
          return await read(Body, ContentLength);
        } finally {
          Body.destroy();
        }
      });
    } catch (error) {
      if (answerOf(error) === "missing") return undefined;
      throw error;
    }
  }, signal);
}

/** The connection ended before the body did. */
class Incomplete extends Error {
  readonly code = "ECONNRESET";

  constructor() {
    super("The answer broke off.");
  }
}

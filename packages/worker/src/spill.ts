import { blobParts } from "@skyburst/core/serializer";
import type { Chunk, OutcomeLine } from "@skyburst/core/protocol";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Outcome lines that no longer fit into their commit, each with its value moved to a blob: the tasks ran, and running them
 * again would cost more than an object.
 */
export function* spill(
  lines: Uint8Array,
  key: (offset: number) => string,
  chunk: Pick<Chunk, "index">,
): Generator<{ line: Uint8Array; body: { key: string; bytes: Uint8Array } }> {
  for (const text of decoder.decode(lines).split("\n")) {
    if (text === "") continue;
    const { value, meta, bytes, ...outcome } = JSON.parse(text) as Extract<OutcomeLine, { status: "succeeded" }>;
    const parts = blobParts({
      json: value === undefined ? "" : JSON.stringify(value),
      meta: meta === undefined ? undefined : JSON.stringify(meta),
      attachments: bytes?.map((base64) => Buffer.from(base64, "base64")),
    });
    const body = { key: key(outcome.index - chunk.index), bytes: Buffer.concat(parts) };
    const line = { ...outcome, blob: { key: body.key, bytes: body.bytes.length } };
    yield { line: encoder.encode(`${JSON.stringify(line)}\n`), body };
  }
}

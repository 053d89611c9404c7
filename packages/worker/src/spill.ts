import type { Chunk } from "@skyburst/core/protocol";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Outcome lines that no longer fit into their commit, each with its value moved to a blob: the tasks ran, and running them
 * again would cost more than an object.
 */
export function* spill(lines: Uint8Array, key: (offset: number) => string, chunk: Chunk): Generator<{ line: Uint8Array; body: { key: string; bytes: Uint8Array } }> {
  for (const text of decoder.decode(lines).split("\n")) {
    if (text === "") continue;
    const { value, meta, ...outcome } = JSON.parse(text) as { index: number; value?: unknown; meta?: unknown };
    const body = { key: key(outcome.index - chunk.index), bytes: encoder.encode(`${JSON.stringify({ value, meta })}\n`) };
    const line = { ...outcome, blob: { key: body.key, bytes: body.bytes.length } };
    yield { line: encoder.encode(`${JSON.stringify(line)}\n`), body };
  }
}

import { logFrames } from "@skyburst/core/protocol";
import type { LogPiece } from "@skyburst/core/protocol";
import { writeTo } from "./stream-output.ts";

/** What tasks wrote to stdout goes to stdout, anything else to stderr; byte for byte. */
export async function printLogs(pieces: AsyncIterable<LogPiece> | Iterable<LogPiece>): Promise<void> {
  for await (const piece of pieces) {
    for (const { channel, bytes } of logFrames(await piece.read()))
      await writeTo(channel === 1 ? process.stdout : process.stderr, bytes);
  }
}

const channels = { 1: "stdout", 2: "stderr", 3: "log" } as const;

/** A line of JSON for each stretch of output. Bytes that are no text are told in base64. */
export async function printLogsAsJson(pieces: AsyncIterable<LogPiece>): Promise<void> {
  for await (const piece of pieces) {
    const { task, index, attempt } = piece;
    for (const { channel, bytes } of logFrames(await piece.read())) {
      const line = { task, index, attempt, channel: channels[channel], ...textOrBytes(bytes) };
      await writeTo(process.stdout, Buffer.from(`${JSON.stringify(line)}\n`));
    }
  }
}

function textOrBytes(bytes: Uint8Array): { readonly text: string } | { readonly bytes: string } {
  try {
    return { text: strict.decode(bytes) };
  } catch {
    return { bytes: Buffer.from(bytes).toString("base64") };
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

import type { LogChannel } from "@skyburst/core/protocol";
import type { Finished } from "./slice.ts";

/** Position of what no task printed. */
export const nobody = -1;

const headerBytes = 12;

/** Bytes of a record: a header of three numbers, the text, and what aligns the next one. */
export const recordSize = (bytes: number) => headerBytes + Math.ceil(bytes / 4) * 4;

/** Writes one record at `at`, a multiple of 4, and tells where the next one goes. */
export function writeRecord(
  into: Uint8Array,
  at: number,
  position: number,
  channel: LogChannel,
  bytes: Uint8Array,
): number {
  const header = new Int32Array(into.buffer, into.byteOffset + at, 3);
  header[0] = position;
  header[1] = channel;
  header[2] = bytes.length;
  into.set(bytes, at + headerBytes);
  return at + recordSize(bytes.length);
}

export type LogRecord = Extract<Finished, { kind: "log" }>;

/** The records from `at` on, as copies; neighbours of one task and channel become one. */
export function readRecords(from: Uint8Array, at: number, end: number): LogRecord[] {
  const records: LogRecord[] = [];
  let parts: Uint8Array[] = [];
  let last = { position: nobody, channel: 0 };
  const close = () => {
    if (parts.length === 0) return;
    records.push({
      kind: "log",
      position: last.position,
      channel: last.channel as LogChannel,
      bytes: Buffer.concat(parts),
    });
    parts = [];
  };
  while (at < end) {
    const [position = nobody, channel = 0, length = 0] = new Int32Array(from.buffer, from.byteOffset + at, 3);
    if (position !== last.position || channel !== last.channel) close();
    last = { position, channel };
    parts.push(from.subarray(at + headerBytes, at + headerBytes + length));
    at += recordSize(length);
  }
  close();
  return records;
}

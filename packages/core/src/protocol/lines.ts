import { Spares } from "./spares.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const newline = 10;

/**
 * A body: one line of JSON, then bytes that the header describes. Its memory is taken from `spares`, to which whoever
 * made it may give it back when nobody needs the body any more.
 */
export function withHeader(
  header: object,
  parts: readonly Uint8Array[],
  spares = new Spares(),
): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(`${JSON.stringify(header)}\n`);
  const body = spares.take(parts.reduce((size, part) => size + part.length, head.length));
  body.set(head);
  let at = head.length;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

/** The same of one part, in its own memory: undefined when the `room` bytes before it are too few for the header. */
export function inFront(header: object, part: Uint8Array, room: number): Uint8Array | undefined {
  const head = encoder.encode(`${JSON.stringify(header)}\n`);
  if (head.length > room) return undefined;
  const body = new Uint8Array(part.buffer, part.byteOffset - head.length, head.length + part.length);
  body.set(head);
  return body;
}

/** @throws {TypeError} when the body does not begin with a JSON line. */
export function splitHeader(body: Uint8Array): { readonly header: unknown; readonly rest: Uint8Array } {
  const end = body.indexOf(newline);
  if (end < 0) throw new TypeError("An object of the session has no header line.");
  return { header: JSON.parse(decoder.decode(body.subarray(0, end))), rest: body.subarray(end + 1) };
}

export function jsonBody(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

export function parseJson(body: Uint8Array): unknown {
  return JSON.parse(decoder.decode(body));
}

/** Where the first `count` lines begin, and where the last of them ends: `count + 1` offsets. */
export function lineOffsets(bytes: Uint8Array, count: number): Uint32Array {
  const offsets = new Uint32Array(count + 1);
  // A buffer looks for a byte many times faster than an array does.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let line = 0; line < count; line++) {
    offsets[line] = at;
    const end = buffer.indexOf(newline, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  offsets[count] = at;
  return offsets;
}

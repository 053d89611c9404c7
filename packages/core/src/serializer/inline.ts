import type { Json } from "../store.ts";
import { malformed, ROOT } from "./malformed.ts";
import type { DecodeOptions, Encoded, Serializer } from "./serializer.ts";

/** A value longer than this goes to a blob of its own; bytes, compared with {@link inlineSize}. */
export const INLINE_LIMIT = 256 * 1024;

/** The members that hold a value in a line of JSON. None of them: the value is `undefined`. */
export interface InlineValue {
  readonly value?: Json | undefined;
  readonly meta?: Json | undefined;
  /** Attachments in base64. */
  readonly bytes?: Json | undefined;
}

/**
 * The members of a line that hold the value, each with a comma before it, so that they follow another member:
 * `{"index":0,"status":"succeeded"${inlineValue(encoded)},"attempts":1}`. `""` for `undefined`.
 */
export function inlineValue({ json, meta, attachments }: Encoded): string {
  const value = json === "" ? "" : `,"value":${json}`;
  if (meta === undefined && attachments === undefined) return value;
  return (
    value +
    (meta === undefined ? "" : `,"meta":${meta}`) +
    (attachments === undefined ? "" : `,"bytes":[${attachments.map(base64).join(",")}]`)
  );
}

function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}"`;
}

/** The value of a parsed line. It is built out of the line's own members. */
export function decodeInline(line: InlineValue, serializer: Serializer, options?: DecodeOptions): unknown {
  if (line.meta === undefined && line.bytes === undefined) return line.value;
  const attachments = line.bytes === undefined ? undefined : fromBase64(line.bytes);
  return serializer.decode({ value: line.value, meta: line.meta, attachments }, options);
}

function fromBase64(texts: Json): Uint8Array[] {
  if (!Array.isArray(texts)) throw malformed(ROOT, "has bytes that are no list");
  return texts.map((text: unknown) => {
    if (typeof text !== "string") throw malformed(ROOT, "has bytes that are no text");
    return Buffer.from(text, "base64");
  });
}

/** At least the bytes that the value takes in a line: exact for long ones, up to three times as many for short ones. */
export function inlineSize({ json, meta, attachments }: Encoded): number {
  let size = textSize(json) + (meta === undefined ? 0 : textSize(meta)) + MEMBERS;
  for (const { byteLength } of attachments ?? []) size += Math.ceil(byteLength / 3) * 4 + 3;
  return size;
}

/** A UTF-16 unit takes at most 3 bytes of UTF-8; counting them matters only where the limit is near. */
function textSize(text: string): number {
  return text.length * 3 <= INLINE_LIMIT / 4 ? text.length * 3 : Buffer.byteLength(text);
}

const MEMBERS = ',"value":,"meta":,"bytes":[]'.length;

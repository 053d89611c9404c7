import type { Json } from "../store.ts";
import { malformed, parseObject, ROOT } from "./malformed.ts";
import type { DecodeOptions, Encoded, Serializer } from "./serializer.ts";

/**
 * A value as an object of its own, in parts to be written one after another: a line of JSON with `value`, `meta` and in
 * `bytes` the length of each attachment, then the attachments as they are. These are the caller's memory, not copies.
 */
export function blobParts({ json, meta, attachments = [] }: Encoded): Uint8Array[] {
  const members = [
    json === "" ? "" : `"value":${json}`,
    meta === undefined ? "" : `"meta":${meta}`,
    lengths(attachments),
  ];
  const header = Buffer.from(`{${members.filter((member) => member !== "").join(",")}}\n`);
  return [header, ...attachments];
}

function lengths(attachments: readonly Uint8Array[]): string {
  return attachments.length === 0 ? "" : `"bytes":[${attachments.map(({ byteLength }) => byteLength).join(",")}]`;
}

/** @throws {SerializeError} `malformed`, also when bytes are missing or left over. */
export function decodeBlob(blob: Uint8Array, serializer: Serializer, options?: DecodeOptions): unknown {
  const end = blob.indexOf(NEWLINE);
  if (end === -1) throw malformed(ROOT, "has no first line");
  const { value, meta, bytes } = parseObject(new TextDecoder().decode(blob.subarray(0, end)));
  const attachments = cut(blob.subarray(end + 1), bytes);
  if (meta === undefined && attachments === undefined) return value;
  return serializer.decode({ value, meta, attachments }, options);
}

const NEWLINE = 10;

function cut(bytes: Uint8Array, lengths: Json | undefined): Uint8Array[] | undefined {
  if (lengths !== undefined && !Array.isArray(lengths)) throw malformed(ROOT, "has lengths that are no list");
  let end = 0;
  const parts = lengths?.map((length: unknown) => {
    if (typeof length !== "number" || !Number.isInteger(length) || length < 0)
      throw malformed(ROOT, "has a length that is none");
    end += length;
    return bytes.subarray(end - length, end);
  });
  if (end !== bytes.byteLength) throw malformed(ROOT, "is not as long as it says");
  return parts;
}

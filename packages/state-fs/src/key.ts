import { DirectoryStoreError } from "./errors.ts";

/** Names at the top of the directory that are the store's own: half-written files, and what keeps git away. */
export const TEMPORARY = ".tmp";
export const GITIGNORE = ".gitignore";

/** Throws unless `key` is one that every store can keep. On the hot path: one regular expression for a usual key. */
export function checkKey(key: string): void {
  const fault = USUAL.test(key) ? undefined : faultOf(key);
  if (fault === undefined && !RESERVED.test(key)) return;
  throw new DirectoryStoreError(
    "invalid-key",
    `The key ${JSON.stringify(key)} ${fault ?? "starts with a name that the directory store keeps for itself"}.`,
  );
}

/** Throws unless `prefix` is a key followed by one `/`. */
export function checkPrefix(prefix: string): void {
  if (!prefix.endsWith("/")) {
    throw new DirectoryStoreError("invalid-key", `The prefix ${JSON.stringify(prefix)} does not end in "/".`);
  }
  checkKey(prefix.slice(0, -1));
}

/** ASCII, at most 255 bytes in all, no segment that begins with a dot: what the protocol's own keys look like. */
const USUAL =
  /^(?=.{1,255}$)[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*(?:\/[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*)*$/;
const RESERVED = /^\.(?:tmp|gitignore)(?:\/|$)/;

function faultOf(key: string): string | undefined {
  const bytes = Buffer.from(key);
  if (bytes.length === 0) return "is empty";
  if (bytes.length > 1024) return `is ${bytes.length} bytes long; at most 1,024 are allowed`;
  if (bytes.toString() !== key) return "is not valid Unicode";
  if (key.includes("\0")) return "has a zero byte, which no file name can have";
  for (const segment of key.split("/")) {
    if (segment === "") return 'has an empty segment: it begins or ends with "/", or has "//"';
    if (segment === "." || segment === "..") return `has the segment "${segment}"`;
    if (Buffer.byteLength(segment) > 255) return "has a segment of more than 255 bytes";
  }
  return undefined;
}

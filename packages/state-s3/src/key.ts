import { S3StoreError } from "./errors.ts";

/** Throws unless `key` is one that every store can keep, and S3 below `root`. On the hot path: one regular expression. */
export function checkKey(root: string, key: string): void {
  const fault = USUAL.test(key) ? undefined : keyFault(key);
  if (fault !== undefined) throw new S3StoreError("invalid-key", `The key ${JSON.stringify(key)} ${fault}.`);
  const bytes = Buffer.byteLength(root) + Buffer.byteLength(key);
  if (bytes > LONGEST)
    throw new S3StoreError(
      "invalid-key",
      `The key ${JSON.stringify(key)} is ${bytes} bytes long with the store's prefix; S3 allows 1,024.`,
    );
}

/** Throws unless `prefix` is a key followed by one `/`. */
export function checkPrefix(root: string, prefix: string): void {
  if (!prefix.endsWith("/"))
    throw new S3StoreError("invalid-key", `The prefix ${JSON.stringify(prefix)} does not end in "/".`);
  checkKey(root, prefix.slice(0, -1));
}

/** What is wrong with a key, as the end of a sentence about it. */
export function keyFault(key: string): string | undefined {
  const bytes = Buffer.from(key);
  if (bytes.length === 0) return "is empty";
  if (bytes.length > LONGEST) return `is ${bytes.length} bytes long; at most 1,024 are allowed`;
  if (bytes.toString() !== key) return "is not valid Unicode";
  if (UNLISTED.test(key)) return "has a control character, which an S3 listing cannot show";
  for (const segment of key.split("/")) {
    if (segment === "") return 'has an empty segment: it begins or ends with "/", or has "//"';
    if (segment === "." || segment === "..") return `has the segment "${segment}"`;
    if (Buffer.byteLength(segment) > 255) return "has a segment of more than 255 bytes";
  }
  return undefined;
}

/** ASCII, at most 255 bytes in all, no segment that begins with a dot: what the protocol's own keys look like. */
const USUAL =
  /^(?=.{1,255}$)[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*(?:\/[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*)*$/;
/** Listings are XML 1.0, in which these cannot be written. */
// oxlint-disable-next-line no-control-regex
const UNLISTED = /[\u0000-\u001f\ufffe\uffff]/;
const LONGEST = 1024;

import { keyFault } from "@skyburst/core";
import { S3StoreError } from "./errors.ts";

/** Throws unless `key` is one that every store can keep, and S3 below `root`. */
export function checkKey(root: string, key: string): void {
  const fault = listedKeyFault(key);
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

/** What is wrong with a key that has to be shown by S3's listings, too: as the end of a sentence about it. */
export function listedKeyFault(key: string): string | undefined {
  return keyFault(key) ?? (UNLISTED.test(key) ? "has a control character, which an S3 listing cannot show" : undefined);
}

/** Listings are XML 1.0, in which these cannot be written. */
// oxlint-disable-next-line no-control-regex
const UNLISTED = /[\u0000-\u001f\ufffe\uffff]/;
const LONGEST = 1024;

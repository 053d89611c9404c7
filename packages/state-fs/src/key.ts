import { keyFault } from "@skyburst/core";
import { DirectoryStoreError } from "./errors.ts";

/** Names at the top of the directory that are the store's own: half-written files, and what keeps git away. */
export const TEMPORARY = ".tmp";
export const GITIGNORE = ".gitignore";

/** Throws unless `key` is one that every store can keep, and a directory too. On the hot path. */
export function checkKey(key: string): void {
  const fault = keyFault(key) ?? ownFault(key);
  if (fault === undefined) return;
  throw new DirectoryStoreError("invalid-key", `The key ${JSON.stringify(key)} ${fault}.`);
}

/** Throws unless `prefix` is a key followed by one `/`. */
export function checkPrefix(prefix: string): void {
  if (!prefix.endsWith("/")) {
    throw new DirectoryStoreError("invalid-key", `The prefix ${JSON.stringify(prefix)} does not end in "/".`);
  }
  checkKey(prefix.slice(0, -1));
}

function ownFault(key: string): string | undefined {
  if (RESERVED.test(key)) return "starts with a name that the directory store keeps for itself";
  if (key.includes("\0")) return "has a zero byte, which no file name can have";
  return undefined;
}

const RESERVED = /^\.(?:tmp|gitignore)(?:\/|$)/;

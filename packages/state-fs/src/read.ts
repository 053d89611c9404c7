import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DirectoryStoreError, errno } from "./errors.ts";
import type { Root } from "./root.ts";

/**
 * A file's bytes, in the memory that `into` gives, or else in a buffer of their own. `undefined` when there is no such file,
 * or when it is a directory.
 */
export function readWhole(root: Root, path: string, into?: (size: number) => Uint8Array): Uint8Array | undefined {
  // Most questions are "is it there yet?", and an exception is dear.
  if (root.find(path) === undefined) return undefined;
  const file = opened(path);
  if (file === undefined) return undefined;
  try {
    return contents(file, into);
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    // Deleted in between.
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The size is asked of the open file: a hint may be replaced by a longer one under the same name at any time. */
function contents(
  file: number,
  into: (size: number) => Uint8Array = (size) => new Uint8Array(size),
): Uint8Array | undefined {
  const stats = fstatSync(file);
  if (!stats.isFile()) return undefined;
  const bytes = into(stats.size).subarray(0, stats.size);
  for (let at = 0; at < bytes.length;) {
    const read = readSync(file, bytes, at, Math.min(bytes.length - at, ONE_CALL), at);
    if (read === 0)
      throw new DirectoryStoreError(
        "unavailable",
        "A file became shorter while it was read: files in a store must not be edited.",
      );
    at += read;
  }
  return bytes;
}

const ONE_CALL = 2 ** 30;

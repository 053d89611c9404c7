import { StoreError, type StoreErrorCode } from "@skyburst/core";

/** What a directory store throws. `cause` is the file system's own error where there was one. */
export class DirectoryStoreError extends StoreError {
  override readonly name = "DirectoryStoreError";
}

/** What was being done, and in which directory: for the message. */
export interface Attempt {
  /** As `create "s/1/lease/0"`. */
  readonly doing: string;
  readonly root: string;
}

/** The error of a file system call in the store's words. Whatever else was thrown passes through. */
export function translated(error: unknown, { doing, root }: Attempt): unknown {
  const name = errno(error);
  if (name === undefined || !(error instanceof Error)) return error;
  const [code, why] = MEANINGS[name] ?? REFUSED;
  return new DirectoryStoreError(code, `Cannot ${doing} in the store directory ${root}: ${why} (${error.message})`, {
    cause: error,
    // An I/O error comes from the device; asking again helps nobody.
    retryable: code === "unavailable" && name !== "EIO",
  });
}

/** The name of a file system's error (`ENOENT`), or `undefined` for anything else. */
export function errno(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("errno" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const PERMISSION =
  "This user may not write there; give it write permission on the directory, or name another directory.";
const READ_ONLY = "The file system is mounted read-only; mount it writable, or name another directory.";
const FULL = "No space is left; free some, or name a directory on another disk.";
const QUOTA = "The disk quota is used up; free some space, or name a directory on another disk.";
const FILES = "Too many files are open; raise the limit (`ulimit -n`), or lower the number of workers.";
const BUSY = "The file system is busy; try again.";
const NOT_DIRECTORY = "A part of that path is a file, not a directory; remove it, or name another directory.";
const GONE = "The directory is removed as fast as it is made; let one side stop.";
const LONG = "The whole path is longer than this file system allows; name a directory with a shorter path.";

const REFUSED = ["unavailable", "The file system refused it; check the disk, then try again."] as const;
const MEANINGS: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  EACCES: ["permission", PERMISSION],
  EPERM: ["permission", PERMISSION],
  EROFS: ["permission", READ_ONLY],
  ENOSPC: ["full", FULL],
  EDQUOT: ["full", QUOTA],
  EMFILE: ["unavailable", FILES],
  ENFILE: ["unavailable", FILES],
  EAGAIN: ["unavailable", BUSY],
  EBUSY: ["unavailable", BUSY],
  ENOTDIR: ["not-found", NOT_DIRECTORY],
  EEXIST: ["not-found", NOT_DIRECTORY],
  ELOOP: ["not-found", "The path is a circle of symbolic links; name another directory."],
  ENOENT: ["unavailable", GONE],
  ENAMETOOLONG: ["invalid-key", LONG],
};

import { closeSync, constants, fchownSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DirectoryStoreError, errno } from "./errors.ts";

/**
 * Makes a directory with its parents; the topmost one that was made, or `undefined` when all were there. Node's own way
 * (`recursive`) calls a quota or a read-only disk a missing directory, and in a place that takes none, such as `/proc`, it
 * goes on for ever.
 */
export function makeDirectories(path: string): string | undefined {
  if (isDirectory(path)) return undefined;
  let top: string | undefined;
  // Others may prune a parent as soon as it is made.
  for (let left = RETRIES; left > 0; left -= 1) {
    if (makeOne(path)) return top ?? path;
    top = makeDirectories(dirname(path)) ?? top;
  }
  throw new DirectoryStoreError(
    "not-found",
    `The directory ${path} cannot be made: ${dirname(path)} takes no directories. Name another one.`,
  );
}

/** `false`: its parent is missing, or it vanished. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path);
    if (process.geteuid?.() === 0) leaveToOwner(path);
    return true;
  } catch (error) {
    const code = errno(error);
    if (code === "ENOENT" && dirname(path) !== path) return false;
    if (code === "EEXIST") {
      // Somebody else made it meanwhile, and may have pruned it since: no reason to give up. One look, as that goes on.
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined) return false;
      if (found.isDirectory()) return true;
    }
    throw error;
  }
}

/**
 * What root makes in somebody's directory is theirs, as npm has it: else they, and workers in containers, which run as they do, could write
 * nothing there any more. It is held open meanwhile, since they may put a link in its place.
 */
function leaveToOwner(path: string): void {
  const { uid, gid } = statSync(dirname(path));
  if (uid === 0) return;
  const made = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(made).uid === 0) fchownSync(made, uid, gid);
  } catch (error) {
    // In a container root may give nothing away.
    if (errno(error) !== "EPERM") throw error;
  } finally {
    closeSync(made);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const RETRIES = 20;

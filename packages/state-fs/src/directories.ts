import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errno } from "./errors.ts";

/** Makes a directory with its parents; the topmost one that was made, or `undefined` when all were there. */
export function makeDirectories(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true });
  } catch (error) {
    // What Node does not know here (a read-only disk, a quota) it calls ENOENT. Made alone, a directory tells the truth.
    if (errno(error) === "ENOENT") tryAlone(topmostMissing(path));
    throw error;
  }
}

function tryAlone(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else made it meanwhile: no reason to give up.
    if (errno(error) !== "EEXIST") throw error;
  }
}

function topmostMissing(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(parent) ? path : topmostMissing(parent);
}

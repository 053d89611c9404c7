import { closeSync, fsyncSync, openSync, readdirSync, statSync, unlinkSync, writeSync } from "node:fs";
import type { Root } from "./root.ts";

/** Writes a whole body under a name that nobody looks at, and returns the name. Nothing is left behind on failure. */
export function writeTemporary(root: Root, body: Uint8Array, durable: boolean): string {
  const path = root.temporary();
  const file = openSync(path, "wx");
  try {
    for (let at = 0; at < body.length;) at += writeSync(file, body, at, Math.min(body.length - at, ONE_CALL));
    if (durable) fsyncSync(file);
  } catch (error) {
    discard(path);
    throw error;
  } finally {
    closeSync(file);
  }
  return path;
}

/** Removes a temporary name. Failing at it harms nobody: the object is decided, and a later sweep comes by. */
export function discard(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes what killed processes left half-written. Their age is taken against the directory's own time, which is that
 * of the newest temporary file: no clock but the file system's has a say. A file that is in use after all (its process
 * was frozen) may be removed: its writer starts again.
 */
export function sweep(directory: string): void {
  const names = readdirSync(directory);
  if (names.length === 0) return;
  const newest = statSync(directory).mtimeMs;
  for (const name of names.slice(0, SWEPT)) {
    const found = statSync(`${directory}/${name}`, { throwIfNoEntry: false });
    if (found !== undefined && newest - found.mtimeMs > STALE) discard(`${directory}/${name}`);
  }
}

/** Linux writes at most 2 GiB at a time, Node takes no more either. */
const ONE_CALL = 2 ** 30;
/** Far more than any write takes, in milliseconds. */
const STALE = 3_600_000;
/** Looked at per opened store: 2 µs each. */
const SWEPT = 200;

import { rmdirSync, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { errno } from "./errors.ts";
import type { Root } from "./root.ts";

/** Deletes the file of a key. Nothing there is success, and a directory is nothing: it is only a part of other keys. */
export function remove(root: Root, key: string): void {
  const path = root.pathOf(key);
  try {
    unlinkSync(path);
  } catch (error) {
    const code = errno(error);
    if (code === "ENOENT") root.assertThere();
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return;
    // What Linux calls EISDIR is EPERM on macOS.
    if (code === "EPERM" && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    throw error;
  }
}

/** Removes the directories that deleted keys leave empty, never the root. A create that comes in between makes them anew. */
export function prune(root: Root, keys: readonly string[]): void {
  const directories = new Set(keys.map((key) => dirname(root.pathOf(key))));
  for (const directory of directories) {
    for (let at = directory; at.length > root.path.length && empty(at); at = dirname(at));
  }
}

/** `false` leaves the rest as it is: mostly there is something in it, and else it is only untidy. */
function empty(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

import { type Dirent, readdirSync } from "node:fs";
import type { Entry } from "@skyburst/core";
import { errno } from "./errors.ts";
import { compareBytes, sortByBytes } from "./order.ts";
import type { Root } from "./root.ts";

/**
 * Entries under `prefix` that come after the key `after`, page by page, in UTF-8 byte order of the whole key. What costs
 * is the stat of an entry (2 µs), so only those of a page are made, and a page stops reading at its last one.
 */
export function* pages(root: Root, prefix: string, after: string): Generator<Entry[], undefined> {
  let page: Entry[] = [];
  for (const key of keys(root, prefix, restOf(prefix, after))) {
    const entry = entryOf(root, key);
    if (entry === undefined) continue;
    if (page.length === PAGE) {
      yield page;
      page = [];
    }
    page.push(entry);
  }
  yield page;
  return undefined;
}

/** `undefined` when it was deleted since its directory was read. */
function entryOf(root: Root, key: string): Entry | undefined {
  const stats = root.look(`${root.path}/${key}`);
  return stats && { key, size: stats.size, modified: Math.floor(stats.mtimeMs) };
}

/** Keys under `prefix`; `rest` is what `after` says within it: `""` for all, `undefined` for none. */
function* keys(root: Root, prefix: string, rest: string | undefined): Generator<string> {
  if (rest === undefined) return;
  // A directory stands in the order where its keys do: with its "/", that is behind "a-b" and "a.b".
  for (const name of sortByBytes(names(root, `${root.path}/${prefix}`, rest))) {
    if (name.endsWith("/")) yield* keys(root, prefix + name, restOf(name, rest));
    else yield prefix + name;
  }
}

/** Names in a directory that can hold keys behind `rest`, directories with a `/` at their end. */
function names(root: Root, directory: string, rest: string): string[] {
  const found: string[] = [];
  for (const entry of read(root, directory)) {
    const name = entry.isDirectory() ? `${entry.name}/` : entry.isFile() ? entry.name : undefined;
    if (name === undefined) continue;
    if (rest === "" || compareBytes(name, rest) > 0 || (name.endsWith("/") && rest.startsWith(name))) found.push(name);
  }
  return found;
}

function read(root: Root, directory: string): Dirent[] {
  for (let left = RETRIES; root.find(directory) !== undefined; left -= 1) {
    try {
      return readdirSync(directory, { withFileTypes: true });
    } catch (error) {
      const code = errno(error);
      if (code === "ENOTDIR") return [];
      // The directory was deleted just now; or, on file systems that don't tell types with names, one of its files was.
      if (code !== "ENOENT" || left === 0) throw error;
    }
  }
  return [];
}

/** The part of `after` that is of interest within `prefix`. */
function restOf(prefix: string, after: string): string | undefined {
  if (after.startsWith(prefix)) return after.slice(prefix.length);
  return compareBytes(prefix, after) > 0 ? "" : undefined;
}

/** What a page holds at most. */
export const PAGE = 1000;
const RETRIES = 100;

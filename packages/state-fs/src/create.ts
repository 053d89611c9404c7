import { linkSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DirectoryStoreError, errno } from "./errors.ts";
import { readWhole } from "./read.ts";
import { nested, type Root } from "./root.ts";
import { sync } from "./sync.ts";
import { discard, writeTemporary } from "./temporary.ts";

/**
 * Creates the file of a key unless it is there: written whole under a temporary name, then given its own by `link`,
 * which fails if the name is taken. So nobody ever sees a part of it, whatever dies when. An exclusive open (`wx`) would
 * be as atomic for the name, but a crash would leave half an object under it for ever.
 */
export function createOnce(root: Root, key: string, body: Uint8Array, exclusive: boolean): boolean {
  const path = root.pathOf(key);
  return root.retried(() => {
    for (let left = RETRIES; left > 0; left -= 1) {
      // A look first: 1 µs more for those who win, and no file written and deleted for those who lose.
      const answer = existing(root, key, path, body, exclusive) ?? link(root, key, path, body);
      if (answer !== undefined) return answer;
    }
    throw new DirectoryStoreError("unavailable", `The key ${JSON.stringify(key)} is deleted as fast as it is created.`);
  });
}

/** Replaces the file of a key. Never flushed to the disk: hints need not outlive a power cut. */
export function replace(root: Root, key: string, body: Uint8Array): void {
  const path = root.pathOf(key);
  root.retried(() => {
    root.makeParent(key);
    const temporary = writeTemporary(root, body, false);
    try {
      renameSync(temporary, path);
    } catch (error) {
      discard(temporary);
      const code = errno(error);
      throw code === "EISDIR" || code === "ENOTDIR" ? nested(key, root.path, error) : error;
    }
  });
}

/** `true` and `false` as `create` says; `undefined`: there is nothing. */
function existing(root: Root, key: string, path: string, body: Uint8Array, exclusive: boolean): boolean | undefined {
  const stats = root.look(path);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw nested(key, root.path);
  if (exclusive || stats.size !== body.length) return false;
  const found = readWhole(root, path);
  if (found === undefined) return undefined;
  if (Buffer.compare(found, body) !== 0) return false;
  // Who wrote these bytes may have died, or not have cared, before they were safe; the answer is for them all the same.
  if (root.power) {
    root.makeParent(key);
    settled(key, root.path, [path, dirname(path)]);
  }
  return true;
}

/** `undefined`: somebody was faster; their bytes are to be compared with ours. */
function link(root: Root, key: string, path: string, body: Uint8Array): boolean | undefined {
  root.makeParent(key);
  const temporary = writeTemporary(root, body, root.power);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errno(error) === "EEXIST") return existing(root, key, path, body, false);
    throw refused(error, key, root.path);
  } finally {
    discard(temporary);
  }
  if (root.power) settled(key, root.path, [dirname(path)]);
  return true;
}

/** From here on the object is visible: if it cannot be made safe, only the same call can tell what became of it. */
function settled(key: string, root: string, paths: readonly string[]): void {
  try {
    paths.forEach(sync);
  } catch (error) {
    throw new DirectoryStoreError(
      "unknown",
      `The object ${JSON.stringify(key)} is in ${root}, but could not be flushed to the disk; create it again to know.`,
      { cause: error },
    );
  }
}

function refused(cause: unknown, key: string, root: string): unknown {
  const code = errno(cause);
  if (code === "ENOTDIR") return nested(key, root, cause);
  if (code !== undefined && NO_LINKS.has(code)) {
    return new DirectoryStoreError(
      "unfit",
      `The file system of ${root} has no hard links (${code}), by which this store creates an object exactly once. ` +
        "Name a directory on a local or NFS file system.",
      { cause },
    );
  }
  if (code !== undefined && NO_ANSWER.has(code)) {
    return new DirectoryStoreError(
      "unknown",
      `The file system of ${root} did not say whether it created ${JSON.stringify(key)} (${code}); create it again to know.`,
      { cause },
    );
  }
  return cause;
}

/** EXDEV: a part of the directory is another mount. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK"]);
/** What a network file system answers when its server was lost in the middle. */
const NO_ANSWER = new Set(["EIO", "ESTALE", "ETIMEDOUT", "EREMOTEIO"]);
const RETRIES = 100;

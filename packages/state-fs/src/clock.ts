import { closeSync, fstatSync, ftruncateSync, openSync, unlinkSync } from "node:fs";
import type { Root } from "./root.ts";

/**
 * The file system's clock: the modification time of a file touched for it, so that it is the clock that stamps every
 * object, on a network file system the server's.
 *
 * A touch costs 4 µs, so every question is one: an answer is never extrapolated, and cannot be wrong after the machine
 * slept. The file is touched by its length, which needs no block: the clock also goes on a full disk. Its name is
 * removed at once, so that it vanishes with the process, however that ends.
 */
export class Clock {
  readonly #root: Root;
  #file: number | undefined;
  #length = 0;

  constructor(root: Root) {
    this.#root = root;
  }

  /** Milliseconds since the epoch, whole, rounded down as `modified` is. */
  read(): number {
    this.#file ??= this.#open();
    this.#length ^= 1;
    try {
      ftruncateSync(this.#file, this.#length);
      return Math.floor(fstatSync(this.#file).mtimeMs);
    } catch (error) {
      // A file handle can go stale on a network file system; the next call opens another.
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    closeSync(file);
  }

  #open(): number {
    return this.#root.retried(() => {
      const path = this.#root.temporary();
      const file = openSync(path, "wx");
      unlinkSync(path);
      return file;
    });
  }
}

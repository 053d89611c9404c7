import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** Lines that wait for the file, at most: who adds more waits as well. */
const mostPending = 1000;

/** A file that lines are appended to. What is added while it writes goes out together with the next write. */
export class LineFile {
  readonly #file: FileHandle;
  #pending: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws what the system says when it can't be opened for that. */
  static async open(path: string): Promise<LineFile> {
    return new LineFile(await open(path, "a"));
  }

  /** @throws what the system said of lines before this one. */
  async add(line: string): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    this.#pending.push(line);
    if (this.#pending.length === 1) this.#writing = this.#writing.then(() => this.#write());
    if (this.#pending.length >= mostPending) await this.written();
  }

  /** Resolves when all is written. @throws what the system says when it can't be. */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    try {
      await this.#file.appendFile(`${lines.join("\n")}\n`);
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}

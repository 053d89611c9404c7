import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerError } from "./errors.ts";

/**
 * Files of this worker in a directory that nobody else can look into, or lay a link in: what is written is the user's code
 * and input. The directory comes with the first file and goes with the worker.
 */
export class PrivateFiles {
  #directory: Promise<string> | undefined;

  /** Path of the new file. @throws {WorkerError} `unwritten`, with the system's error as cause: there is no room for it, for one. */
  async write(name: string, bytes: Uint8Array): Promise<string> {
    try {
      const path = join(await (this.#directory ??= mkdtemp(join(tmpdir(), "skyburst-"))), name);
      await writeFile(path, bytes, { mode: 0o600 });
      return path;
    } catch (cause) {
      // Made again for the next one.
      if (!(await this.#made)) this.#directory = undefined;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerError(
        "unwritten",
        `The worker can't keep what the task needs in ${tmpdir()} (${bytes.length} bytes): ${why}. Give it room there.`,
        { cause },
      );
    }
  }

  async close(): Promise<void> {
    const directory = await this.#made;
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }

  get #made(): Promise<string | undefined> {
    return this.#directory?.catch(() => undefined) ?? Promise.resolve(undefined);
  }
}

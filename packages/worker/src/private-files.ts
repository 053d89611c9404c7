import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Files of this worker in a directory that nobody else can look into, or lay a link in: what is written is the user's code
 * and input. The directory comes with the first file and goes with the worker.
 */
export class PrivateFiles {
  #directory: Promise<string> | undefined;

  /** Path of the new file. */
  async write(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(await (this.#directory ??= mkdtemp(join(tmpdir(), "skyburst-"))), name);
    await writeFile(path, bytes, { mode: 0o600 });
    return path;
  }

  async close(): Promise<void> {
    const directory = await this.#directory;
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

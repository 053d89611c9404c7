import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Pack } from "tar-stream";

/** A file of the worker's volume, as this machine has it. */
export interface RuntimeFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** Node.js with its loader and libraries: what runs in an image that has none of them. */
export interface Runtime {
  /** Of Node.js, as `22.11.0`. */
  readonly version: string;
  /** Where it is from, as a message names it. */
  readonly source: string;
  readonly files: readonly RuntimeFile[];
}

/** Where it is in the container. The loader is named by its own path, since images may have none. */
export const home = "/skyburst";
export const command = [`${home}/lib/loader`, "--library-path", `${home}/lib`, `${home}/node`] as const;

/** Only a volume that has it is whole: who filled it may have been killed. It says what is in there. */
export const mark = `${home}/.whole`;

/** What {@link mark} says. */
export interface Contents {
  /** Version of Node.js. */
  readonly node: string;
  readonly source: string;
  /** When Node.js was taken from there, in milliseconds since the epoch. */
  readonly taken: number;
}

/** What the volume holds: the runtime, the program, and last of all the mark that all of it is there. */
export async function volumeArchive(runtime: Runtime, program: Uint8Array): Promise<Pack> {
  // Loaded by who fills a volume, and by nobody who finds it whole.
  const { pack } = await import("tar-stream");
  const archive = pack();
  const fill = async () => {
    archive.entry({ name: "lib", type: "directory", mode: 0o755 });
    for (const { name, path, size } of runtime.files)
      await pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o755 }));
    finish(archive, program, { node: runtime.version, source: runtime.source, taken: Date.now() });
  };
  fill().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return archive;
}

/** What every volume ends with. */
function finish(archive: Pack, program: Uint8Array, contents: Contents): void {
  archive.entry({ name: "program.mjs", mode: 0o644 }, Buffer.from(program));
  archive.entry({ name: basename(mark), mode: 0o644 }, JSON.stringify(contents));
  archive.finalize();
}

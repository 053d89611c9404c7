import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import type { Pack } from "tar-stream";
import type { Asked } from "./node/asked.ts";
import { withOnlyContainer } from "./node/container.ts";
import { withNode } from "./node/sources.ts";
import { withNodeOfVolume } from "./node/volume.ts";
import { home, mark } from "./runtime.ts";
import type { Contents, Runtime } from "./runtime.ts";
import type { WorkerVolume } from "./volume.ts";
import { isWhole } from "./whole.ts";

/**
 * Fills a volume with Node.js and the program: of another volume of this engine, else of a source.
 *
 * @param image Of which containers can be made there.
 * @throws {DockerBackendError} `image`: no Node.js is to be had.
 */
export async function fillVolume(
  volume: WorkerVolume,
  image: string,
  program: Uint8Array,
  asked: Asked,
): Promise<void> {
  const { engine } = asked;
  const put = (files: Files) => putArchive(asked, image, volume.name, () => archived(files, program));
  if (await withNodeOfVolume(engine, volume, image, put)) return;
  await withNode(asked, (runtime) => {
    asked.options.progress?.(`giving the engine Node.js ${runtime.version} of ${runtime.source}`);
    return put((archive) => packed(runtime, archive));
  });
}

/** Puts Node.js into an archive, and tells what it is. */
export type Files = (archive: Pack) => Promise<Contents>;

/** One at a time: what an engine writes anew is away for a moment, from under others that write it and from workers that are about to start. */
async function putArchive(asked: Asked, image: string, volume: string, archive: () => Pack): Promise<void> {
  const { engine, options } = asked;
  const only = { volume, name: `${volume}-fill`, signal: options.signal };
  await withOnlyContainer(engine, image, only, async (id) => {
    if (await isWhole(engine, id)) return;
    const stream = Readable.from(archive(), { objectMode: false });
    await engine.ask((client) => client.getContainer(id).putArchive(stream, { path: home }), Number.POSITIVE_INFINITY);
  });
}

/** What a volume holds: Node.js, the program, and last of all the mark that all of it is there. */
function archived(files: Files, program: Uint8Array): Pack {
  const archive = pack();
  const fill = async () => {
    archive.entry({ name: "lib", type: "directory", mode: 0o755 });
    const contents = await files(archive);
    archive.entry({ name: "program.mjs", mode: 0o644 }, Buffer.from(program));
    archive.entry({ name: basename(mark), mode: 0o644 }, JSON.stringify(contents));
    archive.finalize();
  };
  fill().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return archive;
}

async function packed({ files, version, source }: Runtime, archive: Pack): Promise<Contents> {
  for (const { name, path, size } of files)
    await pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o755 }));
  return { node: version, source, taken: Date.now() };
}

import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import type { Extract, Header, Pack } from "tar-stream";
import type { Engine } from "../engine.ts";
import { statusOf } from "../errors.ts";
import type { Files } from "../fill.ts";
import { MANAGED, NODE } from "../label.ts";
import { home, mark } from "../runtime.ts";
import type { Contents } from "../runtime.ts";
import type { WorkerVolume } from "../volume.ts";
import { withContainer } from "./container.ts";

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

/** For how long a Node.js is carried over, in milliseconds: it gets fixes of its security. */
const fresh = 30 * 24 * 3_600_000;

/** Volumes that are looked at: the first is whole, mostly. */
const mostTries = 3;

/**
 * Lends the Node.js of a volume of the same kind: an engine that has run another program, or another release of it, need not be given
 * it again. Returns whether there was one.
 */
export async function withNodeOfVolume(
  engine: Engine,
  volume: WorkerVolume,
  image: string,
  use: (files: Files) => Promise<void>,
): Promise<boolean> {
  const label = [MANAGED, `${NODE}=${volume.labels[NODE]}`];
  const { Volumes } = await engine.ask((client) => client.listVolumes({ filters: { label } }));
  const others = Volumes.map(({ Name }) => Name).filter((name) => name !== volume.name);
  for (const other of others.slice(0, mostTries)) {
    const found = await withContainer(engine, image, other, async (container) => {
      const contents = await contentsOf(engine, container);
      if (contents === undefined || Date.now() - contents.taken > fresh) return false;
      await use((archive) => repacked(engine, container, contents, archive));
      return true;
    });
    if (found) return true;
  }
  return false;
}

/** undefined: it is not whole. */
async function contentsOf(engine: Engine, container: string): Promise<Contents | undefined> {
  const parts: Buffer[] = [];
  try {
    await entriesOf(engine, container, mark, async (_, entry) => {
      for await (const part of entry) parts.push(part as Buffer);
    });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
  return JSON.parse(Buffer.concat(parts).toString()) as Contents;
}

async function repacked(engine: Engine, container: string, contents: Contents, archive: Pack): Promise<Contents> {
  await entriesOf(engine, container, home, async ({ name: path, size, type }, entry) => {
    const name = posix.relative(posix.basename(home), path);
    if (type === "file" && (name === "node" || name.startsWith("lib/")))
      await pipeline(entry, archive.entry({ name, ...(size === undefined ? {} : { size }), mode: 0o755 }));
    else entry.resume();
  });
  return contents;
}

/** Each has to be read to its end. */
async function entriesOf(
  engine: Engine,
  container: string,
  path: string,
  read: (header: Header, entry: Entry) => Promise<void>,
): Promise<void> {
  const stream = await engine.ask((client) => client.getContainer(container).getArchive({ path }));
  const entries = extract();
  const reading = (async () => {
    for await (const entry of entries) await read(entry.header, entry);
  })();
  await Promise.all([pipeline(stream, entries), reading]);
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerBackendError, reasonOf } from "../errors.ts";
import { NODE_SOURCES } from "../options.ts";
import type { NodeSource } from "../options.ts";
import type { Asked } from "./asked.ts";
import type { Runtime } from "../runtime.ts";
import { nodeOfHost } from "./host.ts";
import { nodeOfImage, stockImage } from "./image.ts";
import { nodeOfNpm } from "./npm.ts";
import { major } from "./version.ts";

type Taking = (asked: Asked, directory: string) => Promise<Runtime>;

const takings: Readonly<Record<NodeSource, Taking>> = {
  image: nodeOfImage,
  npm: nodeOfNpm,
  host: ({ machine }) => nodeOfHost(machine),
};

/**
 * Lends the Node.js of the first source that has one for the platform: its files are there until `use` has ended.
 *
 * @throws {DockerBackendError} `image`: none has; with what each of them said.
 */
export async function withNode<T>(asked: Asked, use: (runtime: Runtime) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "skyburst-node-"));
  try {
    return await use(await firstOf(asked, directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function firstOf(asked: Asked, directory: string): Promise<Runtime> {
  const { machine, settings, options } = asked;
  const failures: { readonly source: NodeSource; readonly cause: unknown }[] = [];
  for (const source of settings.node === undefined ? NODE_SOURCES : [settings.node]) {
    try {
      return await takings[source](asked, directory);
    } catch (cause) {
      // Who asked is gone, or the engine: no reason to look elsewhere.
      options.signal?.throwIfAborted();
      if (cause instanceof DockerBackendError && cause.code !== "image") throw cause;
      failures.push({ source, cause });
    }
  }
  const reasons = failures.map(({ source, cause }) => `${source}: ${reasonOf(cause).replace(/\.$/, "")}`).join(". ");
  throw new DockerBackendError(
    "image",
    `Workers of ${machine.platform} need Node.js ${major}, and there is none to be had. ${reasons}. \`docker pull --platform ${machine.platform} ${stockImage}\` on the engine's machine gives it one.`,
    { cause: new AggregateError(failures.map(({ cause }) => cause)) },
  );
}

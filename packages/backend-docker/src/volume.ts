import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Engine } from "./engine.ts";
import { DockerBackendError, statusOf } from "./errors.ts";
import { MANAGED } from "./label.ts";
import { home, mark, ownRuntime, volumeArchive } from "./runtime.ts";
import type { Runtime } from "./runtime.ts";

/** Volumes of an engine in which the worker travels: one for each content, filled once, and mounted read-only. */
export class WorkerVolumes {
  readonly #engine: Engine;
  readonly #filling = new Map<string, Promise<void>>();
  #runtime: Promise<Runtime | undefined> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Name of the volume that holds this program. It may not be filled yet. @throws {DockerBackendError} `image`. */
  async nameOf(sha256: string, platform: string): Promise<string> {
    const { key } = await this.#runtimeFor(platform);
    return `skyburst-worker-${createHash("sha256").update(`${key} ${sha256}`).digest("hex").slice(0, 16)}`;
  }

  /** Fills a volume that is not whole. @param container One that has it, and was not started. */
  async ensure(volume: string, container: string, image: string, platform: string, program: Uint8Array): Promise<void> {
    if (await this.#isWhole(container)) return;
    let filling = this.#filling.get(volume);
    if (!filling) {
      filling = this.#fill(volume, image, platform, program).finally(() => this.#filling.delete(volume));
      this.#filling.set(volume, filling);
    }
    await filling;
  }

  async #isWhole(container: string): Promise<boolean> {
    try {
      await this.#engine.ask((client) => client.getContainer(container).infoArchive({ path: mark }));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  /** Through a container that is never started, since only that can write there. */
  async #fill(volume: string, image: string, platform: string, program: Uint8Array): Promise<void> {
    const runtime = await this.#runtimeFor(platform);
    await this.#engine.ask(async (client) => {
      const filler = await client.createContainer({
        Image: image,
        Cmd: ["fill"],
        Labels: { [MANAGED]: "true" },
        HostConfig: { Mounts: [{ Type: "volume", Source: volume, Target: home }] },
      });
      try {
        await filler.putArchive(Readable.from(volumeArchive(runtime, program), { objectMode: false }), { path: home });
      } finally {
        await filler.remove({ force: true });
      }
    });
  }

  async #runtimeFor(platform: string): Promise<Runtime> {
    const runtime = await (this.#runtime ??= ownRuntime());
    if (runtime && (platform === runtime.platform || platform.startsWith(`${runtime.platform}/`))) return runtime;
    throw new DockerBackendError(
      "image",
      `Workers of ${platform} need a Node.js of that platform, and this process has ${runtime?.platform ?? process.platform}.`,
    );
  }
}

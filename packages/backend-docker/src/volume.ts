import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { MANAGED } from "./label.ts";
import { machineOf, platforms } from "./node/machine.ts";
import type { Machine } from "./node/machine.ts";
import { major } from "./node/version.ts";
import type { Settings } from "./options.ts";
import type { PullOptions } from "./pull.ts";
import { home, mark, volumeArchive } from "./runtime.ts";
import type { RefusalReason } from "./spec.ts";

/** A volume of an engine, in which the worker travels. */
export interface WorkerVolume {
  readonly name: string;
  readonly machine: Machine;
}

/** One for each content, filled once, and mounted read-only. */
export class WorkerVolumes {
  readonly #engine: Engine;
  readonly #settings: Settings;
  readonly #filling = new Map<string, Promise<void>>();

  constructor(engine: Engine, settings: Settings) {
    this.#engine = engine;
    this.#settings = settings;
  }

  /**
   * The volume that holds this program. It may not be filled yet. Its name does not depend on where Node.js comes from, unless that was
   * asked for: so only who fills it looks for one.
   */
  volumeOf(sha256: string, platform: string): WorkerVolume | RefusalReason {
    const machine = machineOf(platform);
    if (!machine)
      return {
        kind: "image",
        message: `The image is of ${platform}, and workers run on ${platforms}: take another one, or another platform of it.`,
      };
    const key = JSON.stringify([layout, major, machine.platform, this.#settings.node ?? "any", sha256]);
    const hash = createHash("sha256").update(key).digest("hex");
    return { name: `skyburst-worker-${hash.slice(0, 16)}`, machine };
  }

  /**
   * Fills a volume that is not whole. @param container One that has it, and was not started.
   *
   * @throws {DockerBackendError} `image`: no Node.js is to be had.
   */
  async ensure(
    volume: WorkerVolume,
    container: string,
    image: string,
    program: Uint8Array,
    options: Pick<PullOptions, "progress" | "signal"> = {},
  ): Promise<void> {
    if (await this.#isWhole(container)) return;
    let filling = this.#filling.get(volume.name);
    if (!filling) {
      filling = this.#fill(volume, image, program, options).finally(() => this.#filling.delete(volume.name));
      this.#filling.set(volume.name, filling);
    }
    await filling;
  }

  async #isWhole(container: string): Promise<boolean> {
    try {
      const answer = await this.#engine.ask((client) => client.getContainer(container).infoArchive({ path: mark }));
      // What is not read to its end keeps its connection, and so this process.
      answer.resume();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  /** Through a container that is never started, since only that can write there. */
  async #fill(
    { name, machine }: WorkerVolume,
    image: string,
    program: Uint8Array,
    options: Pick<PullOptions, "progress" | "signal">,
  ): Promise<void> {
    const engine = this.#engine;
    const { withNode } = await import("./node/sources.ts");
    await withNode({ engine, machine, settings: this.#settings, options }, async (runtime) => {
      await engine.ask(async (client) => {
        const filler = await client.createContainer({
          Image: image,
          Cmd: ["fill"],
          Labels: { [MANAGED]: "true" },
          HostConfig: { Mounts: [{ Type: "volume", Source: name, Target: home }] },
        });
        try {
          const archive = await volumeArchive(runtime, program);
          await filler.putArchive(Readable.from(archive, { objectMode: false }), { path: home });
        } finally {
          await filler.remove({ force: true });
        }
      });
    });
  }
}

/** Of the files in a volume: another one is another volume. */
const layout = 2;

import { createHash } from "node:crypto";
import type { Engine } from "./engine.ts";
import { MANAGED, NODE } from "./label.ts";
import { machineOf, platforms } from "./node/machine.ts";
import type { Machine } from "./node/machine.ts";
import { major } from "./node/version.ts";
import type { Settings } from "./options.ts";
import type { PullOptions } from "./pull.ts";
import type { RefusalReason } from "./spec.ts";
import { isWhole } from "./whole.ts";

/** A volume of an engine, in which the worker travels. */
export interface WorkerVolume {
  readonly name: string;
  readonly machine: Machine;
  readonly labels: Readonly<Record<string, string>>;
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
    const kind = [layout, major, machine.platform, this.#settings.node ?? "any"].join(" ");
    const key = JSON.stringify([kind, sha256]);
    const hash = createHash("sha256").update(key).digest("hex");
    return { name: `skyburst-worker-${hash.slice(0, 16)}`, machine, labels: { [MANAGED]: "true", [NODE]: kind } };
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
    if (await isWhole(this.#engine, container)) return;
    let filling = this.#filling.get(volume.name);
    if (!filling) {
      filling = this.#fill(volume, image, program, options).finally(() => this.#filling.delete(volume.name));
      this.#filling.set(volume.name, filling);
    }
    await filling;
  }

  async #fill(
    volume: WorkerVolume,
    image: string,
    program: Uint8Array,
    options: Pick<PullOptions, "progress" | "signal">,
  ): Promise<void> {
    // Loaded by who fills a volume, and by nobody who finds it whole.
    const { fillVolume } = await import("./fill.ts");
    const asked = { engine: this.#engine, machine: volume.machine, settings: this.#settings, options };
    await fillVolume(volume, image, program, asked);
  }
}

/** Of the files in a volume: another one is another volume. */
const layout = 2;

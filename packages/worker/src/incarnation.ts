import { jsonBody, randomText } from "@skyburst/core/protocol";
import type { Facts, Runtime, SessionKeys } from "@skyburst/core/protocol";
import type { WorkDone } from "./work-done.ts";

export interface IncarnationOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly launch: number;
  readonly slot: number;
  readonly work: WorkDone;
}

/**
 * Under which id a worker process acts. Each life has an id of its own, which is never used again: what an earlier one
 * held belongs to nobody any more.
 */
export class Incarnation {
  readonly #options: IncarnationOptions;
  #id = "";
  #life = 0;
  #lives = false;

  constructor(options: IncarnationOptions) {
    this.#options = options;
  }

  /** `<launch>.<slot>.<life>.<random>`; empty before the first birth. */
  get id(): string {
    return this.#id;
  }

  /** Born and not declared gone, as far as it knows: between two lives nothing is claimed, and no sign of life given. */
  get lives(): boolean {
    return this.#lives;
  }

  /** First act of the process. false: another process is this worker. */
  async begin(): Promise<boolean> {
    return this.#birth();
  }

  /** The last act of this life: gives back all that it holds. @param needs Bytes without which it could do nothing. */
  async end(reason: string, needs?: number): Promise<void> {
    const { facts, keys, work } = this.#options;
    const { create, get, ...rest } = facts.usage;
    // With this fact itself, and the look at the ledger that comes after it, unless the worker was stopped.
    const usage = { create: create + 1, get: reason === "stopped" ? get : get + 1, ...rest };
    await facts.create(
      keys.gone(this.#id),
      jsonBody({ v: 1, reason, ...(needs === undefined ? {} : { needs }), by: this.#id, usage, work: work.words }),
    );
  }

  /** Another life of the same process. `between` runs when the old one is over and the new one not begun. */
  async again(between?: () => void): Promise<void> {
    this.#lives = false;
    between?.();
    this.#life++;
    await this.#birth();
  }

  /** Somebody said of this life that it is gone. */
  async isGone(): Promise<boolean> {
    const { facts, keys } = this.#options;
    const id = this.#id;
    // Of several who learn of it at once, the first one is told.
    return (await facts.get(keys.gone(id))) !== undefined && this.#lives && id === this.#id;
  }

  async #birth(): Promise<boolean> {
    const { facts, keys, launch, slot, runtime } = this.#options;
    for (;;) {
      const incarnation = `${launch}.${slot}.${this.#life}.${randomText(runtime, 8)}`;
      const born = await facts.create(keys.born(launch, slot, this.#life), jsonBody({ v: 1, incarnation }));
      // Not before: what it did under this id meanwhile would be nobody's if it died.
      if (born) this.#id = incarnation;
      this.#lives = born;
      if (born || this.#life === 0) return born;
      this.#life++;
    }
  }
}

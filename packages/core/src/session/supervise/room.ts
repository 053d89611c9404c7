import type { Backend, WorkerSpec } from "../../backend.ts";
import type { Runtime } from "../../runtime.ts";

export interface RoomOptions {
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  readonly runtime: Runtime;
  readonly period: number;
}

/** How many workers the provider says it could start: asked once a period, and when workers have ended. */
export class Room {
  readonly #options: RoomOptions;
  #free: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** undefined: it does not say. */
  async ask(signal: AbortSignal): Promise<number | undefined> {
    const { backend, spec, runtime, period } = this.#options;
    if (!backend.capacity) return undefined;
    if (runtime.monotonic() - this.#askedAt < period) return this.#free;
    this.#askedAt = runtime.monotonic();
    // Where it can't tell, a launch does.
    this.#free = await backend.capacity(spec, { signal }).catch(() => undefined);
    return this.#free;
  }

  /** A launch was answered. */
  taken(started: number, refused: number): void {
    if (this.#free !== undefined) this.#free = refused > 0 ? 0 : Math.max(0, this.#free - started);
  }

  /** Workers ended: what they had is free, or will be told to be. */
  freed(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }
}

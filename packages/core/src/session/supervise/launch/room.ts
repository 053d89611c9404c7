import type { Backend, WorkerSpec } from "../../../backend.ts";
import type { Runtime } from "../../../runtime.ts";
import type { MemoryNeeds } from "./memory-needs.ts";

export interface RoomOptions {
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  readonly runtime: Runtime;
  readonly period: number;
  readonly needs: MemoryNeeds;
}

/** How many workers the provider says it could start: asked twice a period, and when workers have ended. */
export class Room {
  readonly #options: RoomOptions;
  #told: { free: number; readonly at: number } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** undefined: it does not say. */
  async ask(signal: AbortSignal): Promise<number | undefined> {
    const { backend, spec, runtime, period, needs } = this.#options;
    if (!backend.capacity) return undefined;
    const now = runtime.monotonic();
    // Plans come twice a period where room is waited for: none goes by the answer of the one before.
    if (now - this.#askedAt >= period / 4) {
      this.#askedAt = now;
      const free = await backend.capacity(needs.specOf(spec), { signal }).catch(() => undefined);
      if (free !== undefined) this.#told = { free, at: now };
    }
    // Where it could not tell two times in a row, a launch does.
    return this.#told && now - this.#told.at <= 2 * period ? this.#told.free : undefined;
  }

  /** As it was told within the last period; undefined: it was not. */
  get newest(): number | undefined {
    const { runtime, period } = this.#options;
    return this.#told && runtime.monotonic() - this.#told.at <= period ? this.#told.free : undefined;
  }

  /** A launch was answered. */
  taken(started: number, refused: number): void {
    if (this.#told) this.#told.free = refused > 0 ? 0 : Math.max(0, this.#told.free - started);
  }

  /** A worker ended: what it had is free. */
  freed(): void {
    if (this.#told) this.#told.free++;
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }
}

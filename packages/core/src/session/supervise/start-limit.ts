import type { Runtime } from "../../runtime.ts";

/** When to stop waiting for a first worker: one that never comes is an answer, too. */
export class StartLimit {
  readonly #runtime: Runtime;
  /** Milliseconds. */
  readonly limit: number;
  /** On our own clock: since when somebody is wished for, and nobody came. */
  #since: number | undefined;

  constructor(runtime: Runtime, limit: number) {
    this.#runtime = runtime;
    this.limit = limit;
  }

  /** Milliseconds that are left. @param waits Somebody is wished for, and nobody ever came to work. */
  left(waits: boolean): number {
    if (!waits) {
      this.#since = undefined;
      return Number.POSITIVE_INFINITY;
    }
    const now = this.#runtime.monotonic();
    this.#since ??= now;
    return this.#since + this.limit - now;
  }
}

import type { Facts, Runtime } from "@skyburst/core/protocol";

/** The store's clock between two answers of the store: the newest one plus our own monotonic time since. */
export class StoreClock {
  readonly #facts: Facts;
  readonly #runtime: Runtime;
  #store = 0;
  #monotonic = 0;

  constructor(facts: Facts, runtime: Runtime) {
    this.#facts = facts;
    this.#runtime = runtime;
  }

  async read(): Promise<void> {
    this.#store = await this.#facts.now();
    this.#monotonic = this.#runtime.monotonic();
  }

  now(): number {
    return this.#store + this.#runtime.monotonic() - this.#monotonic;
  }
}

/** Generators of a session that are not at their end: closing ends them, even what its consumer has left in the middle. */
export class Running<T> {
  readonly #generators = new Set<AsyncGenerator<T, true | undefined>>();
  readonly #closed: AbortSignal;

  /** @param closed Fires before `end`. */
  constructor(closed: AbortSignal) {
    this.#closed = closed;
  }

  /** @param generator Returns true when it told everything. */
  track(generator: AsyncGenerator<T, true | undefined>): AsyncGenerator<T> {
    this.#generators.add(generator);
    return this.#follow(generator);
  }

  async end(): Promise<void> {
    await Promise.allSettled([...this.#generators].map((generator) => generator.return(undefined)));
  }

  async *#follow(generator: AsyncGenerator<T, true | undefined>): AsyncGenerator<T> {
    try {
      const whole = yield* generator;
      // Closed while its consumer was busy: to a loop that comes back for more, that must not look like the last outcome.
      if (!whole) this.#closed.throwIfAborted();
    } finally {
      this.#generators.delete(generator);
    }
  }
}

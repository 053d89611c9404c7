/**
 * Memory of a worker for what its tasks printed and the store does not have yet. Who prints more than the store takes waits:
 * a task that floods costs its worker no more memory than that.
 */
export class LogRoom {
  readonly #most: number;
  #used = 0;
  #waiting: (() => void)[] = [];

  /** @param most Bytes. Default 32 MiB. */
  constructor(most = 33_554_432) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#used >= this.#most;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Resolves when some was given back. */
  given(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

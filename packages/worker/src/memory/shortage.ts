/** Fruitless looks in a row after which the rest of a session that one look does not show is taken to be like what they showed. */
const enoughLooks = 3;

/** What a worker found and left to others, because it needs more memory than this one has. */
export class Shortage {
  readonly #needs = new Map<number, number>();
  #looks = 0;

  /** A look at what there is to do begins: what the one before showed is old. */
  look(): void {
    this.#looks = this.#needs.size > 0 ? this.#looks + 1 : 0;
    this.#needs.clear();
  }

  /** @param chunk Its running number. */
  add(chunk: number, memory: number): void {
    this.#needs.set(chunk, memory);
  }

  /** There is something to do, or a new life begins. */
  clear(): void {
    this.#needs.clear();
    this.#looks = 0;
  }

  /**
   * Bytes with which a worker could do some of it: the fewest, so that what needs little doesn't wait for what may have to wait for long.
   * undefined: this one may still be of use. @param whole A look shows all chunks.
   */
  needed(whole: boolean): number | undefined {
    if (this.#needs.size === 0 || (!whole && this.#looks < enoughLooks)) return undefined;
    return Math.min(...this.#needs.values());
  }
}

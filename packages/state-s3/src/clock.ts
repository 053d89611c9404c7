/**
 * The service's clock, as its answers tell it.
 *
 * A `Date` header is rounded down to the second and old by the way back, so that each one is a lower bound: the highest
 * of the last 30 s is the best of them, and by it the clock hardly ever steps back. The same clock stamps the objects.
 */
export class Clock {
  /** What to add to monotonic time. */
  #offset = 0;
  /** Monotonic time of the answer that told it, and of the newest answer. */
  #told = -Infinity;
  #newest = -Infinity;
  readonly #monotonic: () => number;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** Takes note of a `Date` header that came just now. */
  answered(date: string | undefined): void {
    const time = Date.parse(date ?? "");
    if (Number.isNaN(time)) return;
    const now = this.#monotonic();
    const offset = time - now;
    this.#newest = now;
    if (offset < this.#offset && now - this.#told < OLDEST) return;
    this.#offset = offset;
    this.#told = now;
  }

  /** Milliseconds since the epoch, whole; `undefined` when no answer is young enough to tell. */
  read(): number | undefined {
    const now = this.#monotonic();
    return now - this.#newest < OLDEST ? Math.floor(now + this.#offset) : undefined;
  }
}

/** Monotonic clocks stand still while a machine sleeps, so that an answer is believed for this long only. Milliseconds. */
const OLDEST = 30_000;

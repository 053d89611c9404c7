/** Figures are of this much of the past, in milliseconds: longer than a batch, short enough to follow a change. */
const span = 15_000;

/** How fast a count grows, from samples. Pure: times are given. */
export class Pace {
  readonly #samples: { readonly at: number; readonly count: number }[] = [];

  add(at: number, count: number): void {
    this.#samples.push({ at, count });
    while (this.#samples.length > 2 && (this.#samples[0]?.at ?? at) < at - span) this.#samples.shift();
  }

  /** Per second; 0 while nothing is known. */
  get rate(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return ((last.count - first.count) / (last.at - first.at)) * 1000;
  }

  /** Seconds until the count is `total`; undefined while nothing is known. */
  eta(total: number): number | undefined {
    const count = this.#samples.at(-1)?.count ?? 0;
    return this.rate > 0 ? Math.max(0, total - count) / this.rate : undefined;
  }
}

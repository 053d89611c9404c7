import type { SessionStatus } from "@skyburst/core";

/** Workers that take no longer to start are not waited for yet, in milliseconds. */
const patience = 5000;

/** Notices that fewer workers came than are wanted, and for how long. Pure: times are given. */
export class Waiting {
  #since: number | undefined;

  /** @param now Milliseconds of any clock. */
  look(
    { workers, fleet, running, pending }: SessionStatus,
    now: number,
  ): { because: string; seconds: number } | undefined {
    const short = fleet !== undefined && workers < fleet.wanted && running + pending > 0;
    if (!short) this.#since = undefined;
    else this.#since ??= now;
    if (!short || this.#since === undefined || now - this.#since < patience) return undefined;
    return { because: fleet.because, seconds: (now - this.#since) / 1000 };
  }
}

/** When to look at what a shell reports: about when half of the commands that it was sent have ended. Times are in milliseconds. */
export class LookPace {
  /** A command's, as far as is known. */
  #each = UNKNOWN;

  /** So many ended in this time. One that took long says little of the next, and short ones are soon believed. */
  heard(ended: number, time: number): void {
    this.#each = Math.min(time / ended, Math.max(this.#each, SHORTEST / 2) * 2);
  }

  /** @param sent Commands that it has. */
  until(sent: number): number {
    return Math.min(Math.max((this.#each * sent) / 2, SHORTEST), LONGEST);
  }
}

const UNKNOWN = 2;
const SHORTEST = 2;
/** So much later, at most, is heard of an end and of what was printed. */
const LONGEST = 32;

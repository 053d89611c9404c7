import type { Work } from "@skyburst/core/protocol";

/** What a worker process has done so far, all its lives together, for its words to tell. */
export class WorkDone {
  #attempts = 0;
  #seconds = 0;
  #retried = 0;
  #returned = 0;

  get words(): Work {
    return {
      attempts: this.#attempts,
      seconds: rounded(this.#seconds),
      wasted: { retried: rounded(this.#retried), returned: rounded(this.#returned) },
    };
  }

  /** A slot ran so many attempts, which kept it for so many seconds. */
  ran(attempts: number, seconds: number): void {
    this.#attempts += attempts;
    this.#seconds += seconds;
  }

  /** Of what ran, an attempt failed that is followed by another. */
  retried(seconds: number): void {
    this.#retried += seconds;
  }

  /** Of what ran, something was thrown away that the task has to do again. */
  returned(seconds: number): void {
    this.#returned += seconds;
  }
}

/** Milliseconds are enough for an account. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

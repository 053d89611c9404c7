import { boardInterval } from "./outbox.ts";

export interface Looks {
  /** Takes what lies on the board. false: the thread has not come to what it was sent. */
  readonly board: () => boolean;
  /** Looks after time limits; returns milliseconds until it has to again, infinite when nothing has one. */
  readonly times: () => number;
}

/**
 * When a slot looks at its thread, which may be blocked: seldom, since each look wakes a process that has nothing else to do,
 * on a core that a task could have.
 *
 * A thread posts whatever it adds to the board later than {@link boardInterval} after its last post, or the beginning of its slice. So
 * all that can lie there was added within that time, some looks find all of it, and until the next post there is nothing to look for.
 */
export class Lookout {
  readonly #looks: Looks;
  #looking: NodeJS.Timeout | undefined;
  #timing: NodeJS.Timeout | undefined;
  /** When the next look after time limits is due. */
  #due = Number.POSITIVE_INFINITY;
  /** Looks since the last post at a thread that was at what it was sent. */
  #quiet = 0;
  #closed = false;

  constructor(looks: Looks) {
    this.#looks = looks;
  }

  /** The thread was sent a slice. @param timeout Milliseconds that each of its tasks may take. */
  began(timeout?: number): void {
    if (this.#closed) return;
    this.posted();
    if (timeout !== undefined && performance.now() + timeout < this.#due) this.#timeSoon(timeout);
  }

  posted(): void {
    if (this.#closed) return;
    this.#quiet = 0;
    if (this.#looking === undefined) this.#looking = setTimeout(() => this.#lookAtBoard(), lookInterval);
    else this.#looking.refresh();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#looking);
    clearTimeout(this.#timing);
  }

  #lookAtBoard(): void {
    if (this.#looks.board()) this.#quiet++;
    if (this.#quiet < enough) this.#looking?.refresh();
    else this.#looking = undefined;
  }

  #lookAtTimes(): void {
    this.#due = Number.POSITIVE_INFINITY;
    const wait = this.#looks.times();
    if (Number.isFinite(wait) && !this.#closed) this.#timeSoon(wait);
  }

  #timeSoon(wait: number): void {
    clearTimeout(this.#timing);
    this.#due = performance.now() + wait;
    this.#timing = setTimeout(() => this.#lookAtTimes(), wait);
  }
}

/** Milliseconds: most slices end sooner. */
const lookInterval = 150;
/** The first of these may be before a slice that was sent has begun. */
const enough = 1 + Math.ceil(boardInterval / lookInterval);

import { setMaxListeners } from "node:events";
import type { RunSignals } from "./slot.ts";

/** Ends what a turn gave out. */
export interface Stop {
  readonly signals: RunSignals;
  /** What runs has to stop: cancelled, superseded, or out of time. */
  abort(): void;
  /** Nothing more is to start. */
  drain(): void;
}

/** Stops of turns. A pair of abort controllers costs what several quick tasks do, so one that was never used serves again. */
export class Stops {
  readonly #unused: AbortableStop[] = [];

  take(): Stop {
    return this.#unused.pop() ?? new AbortableStop();
  }

  /** Nobody listens to it any more. */
  giveBack(stop: Stop): void {
    if (stop instanceof AbortableStop && stop.unused) this.#unused.push(stop);
  }
}

class AbortableStop implements Stop {
  readonly signals: RunSignals;
  readonly #abort = new AbortController();
  readonly #drain = new AbortController();

  constructor() {
    this.signals = { signal: this.#abort.signal, drain: this.#drain.signal };
    // Every assignment in flight listens.
    setMaxListeners(0, this.#abort.signal, this.#drain.signal);
  }

  get unused(): boolean {
    return !this.signals.signal.aborted && !this.signals.drain.aborted;
  }

  abort(): void {
    this.#abort.abort();
  }

  drain(): void {
    this.#drain.abort();
  }
}

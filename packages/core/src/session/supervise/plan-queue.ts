import type { Runtime } from "../../runtime.ts";

/** Runs plans one after the other, when something happened or when a time has come, until it is told to rest. */
export class PlanQueue {
  readonly #runtime: Runtime;
  readonly #plan: () => Promise<void>;
  readonly #failed: (why: unknown) => void;
  #running: Promise<void> = Promise.resolve();
  #rests = false;
  /** When the earliest plan is due that time alone brings. */
  #due = Number.POSITIVE_INFINITY;
  #cancel: () => void = ignore;

  constructor(runtime: Runtime, plan: () => Promise<void>, failed: (why: unknown) => void) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#failed = failed;
  }

  /** Behind those that are under way. */
  add(): void {
    this.#running = this.#running.then(() => (this.#rests ? undefined : this.#plan())).catch(this.#failed);
  }

  /** One wait at a time, the shortest: what it brings decides again when to look next. */
  after(ms: number): void {
    const at = this.#runtime.monotonic() + ms;
    if (this.#rests || this.#due <= at) return;
    this.#cancel();
    this.#due = at;
    this.#cancel = this.#runtime.timer(ms, () => {
      this.#due = Number.POSITIVE_INFINITY;
      this.add();
    });
  }

  /** Begins nothing more. */
  stop(): void {
    this.#rests = true;
    this.#cancel();
  }

  /** Resolves when what is under way came to its end. */
  async rest(): Promise<void> {
    this.stop();
    await this.#running;
  }
}

function ignore(): void {
  // Nothing waits yet.
}

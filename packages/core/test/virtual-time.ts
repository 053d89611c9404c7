import type { Runtime } from "../src/runtime.ts";

interface Timer {
  readonly at: number;
  readonly process: VirtualProcess | undefined;
  ring(): void;
}

/** Time that passes when it is told to, for any number of processes. */
export class VirtualTime {
  now = 0;
  readonly #timers = new Set<Timer>();
  /** Called whenever time has passed. */
  passed: (now: number) => void = () => undefined;

  process(name: string): VirtualProcess {
    return new VirtualProcess(name, this);
  }

  timer(ms: number, ring: () => void, process?: VirtualProcess): () => void {
    const timer: Timer = { at: this.now + Math.max(0, ms), process, ring };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Waits of a process that are not over yet. */
  waits(process: VirtualProcess): number {
    return [...this.#timers].filter((timer) => timer.process === process).length;
  }

  /** Everything that waits for at most so long happens, and what it brings about. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ at, process }) => at <= end && process?.state !== "dead" && process?.state !== "frozen")
        .sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#at(Math.max(this.now, next.at));
      this.#timers.delete(next);
      next.ring();
      await settled();
    }
    this.#at(end);
  }

  #at(now: number): void {
    this.now = now;
    this.passed(now);
  }
}

/** One of the processes: dead, nothing that it awaits settles; frozen, all of it waits until it thaws. */
export class VirtualProcess {
  readonly name: string;
  readonly runtime: Runtime;
  state: "running" | "frozen" | "dead" = "running";
  readonly #time: VirtualTime;
  #held: (() => void)[] = [];

  constructor(name: string, time: VirtualTime) {
    this.name = name;
    this.#time = time;
    let drawn = name.length;
    this.runtime = {
      monotonic: () => time.now,
      timer: (ms, ring) => time.timer(ms, ring, this),
      sleep: (ms, signal) => this.#sleep(ms, signal),
      random: () => (drawn = (drawn * 7919 + 17) % 10_007) / 10_007,
    };
  }

  get waits(): number {
    return this.#time.waits(this);
  }

  /** Resolves when the process may go on. */
  async turn(): Promise<void> {
    if (this.state === "dead") await new Promise<never>(() => undefined);
    if (this.state === "frozen") await new Promise<void>((resolve) => this.#held.push(resolve));
  }

  thaw(): void {
    this.state = "running";
    for (const go of this.#held.splice(0)) go();
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.#time.timer(ms, end, this);
      signal?.addEventListener("abort", end, { once: true });
    });
  }
}

/** Nothing here waits for anything but promises. */
async function settled(): Promise<void> {
  for (let n = 0; n < 12; n++) await new Promise((resolve) => setImmediate(resolve));
}

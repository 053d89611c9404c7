import type { Runtime } from "../../packages/core/src/runtime.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** Why a simulated process is no more; `end`: by itself. */
export type Death = "end" | "error" | "oom" | "spot" | "killed" | "lost";

/**
 * A simulated process: everything from outside reaches it by `deliver`. Once dead, nothing does: what it awaits never
 * settles, no `finally` of it runs, its timers never ring. Frozen, it gets all at once when it thaws.
 *
 * States: running ⇄ frozen, then dead.
 */
export class SimProcess {
  readonly name: string;
  /** Requests that it sends before it dies. */
  readonly lifetime: number;
  readonly runtime: Runtime;
  /** What its tasks have of it. */
  memory = Number.POSITIVE_INFINITY;
  readonly #timeline: Timeline;
  readonly #died: ((death: Death) => void)[] = [];
  #held: (() => void)[] = [];
  #state: "running" | "frozen" | "dead" = "running";
  #death: Death | undefined;
  #diedAt: number | undefined;
  #timers = 0;
  #second = 0;
  #shortTimers = 0;
  #restless = 0;

  constructor(
    name: string,
    timeline: Timeline,
    random: Random,
    drift: number,
    lifetime: number = Number.POSITIVE_INFINITY,
  ) {
    this.name = name;
    this.lifetime = lifetime;
    this.#timeline = timeline;
    const own = random.fork(`process ${name}`);
    const start = own.between(0, 1e6);
    const timer = (ms: number, ring: () => void) => {
      this.#count(ms);
      return this.#timer(ms / (1 + drift), ring);
    };
    this.runtime = {
      monotonic: () => start + timeline.now * (1 + drift),
      random: () => own.next(),
      timer,
      sleep: (ms, signal) => sleep(timer, ms, signal),
    };
  }

  get alive(): boolean {
    return this.#state !== "dead";
  }

  get death(): Death | undefined {
    return this.#death;
  }

  /** Milliseconds for which it has been dead. */
  get deadFor(): number {
    return this.#timeline.now - (this.#diedAt ?? this.#timeline.now);
  }

  get running(): boolean {
    return this.#state === "running";
  }

  /** Timers that would keep a real process from ending. */
  get timers(): number {
    return this.#timers;
  }

  /** Most timers of at most 2 ms that it set in one second: a loop that looks again and again. */
  get restless(): number {
    return this.#restless;
  }

  /** Calls `act` after some time in which the process only waits, as for a task of its own. */
  after(ms: number, act: () => void): () => void {
    return this.#timer(ms, act);
  }

  deliver(act: () => void): void {
    if (this.#state === "running") act();
    else if (this.#state === "frozen") this.#held.push(act);
  }

  die(death: Death): void {
    if (this.#state === "dead") return;
    this.#state = "dead";
    this.#death = death;
    this.#diedAt = this.#timeline.now;
    this.#held = [];
    for (const tell of this.#died.splice(0)) tell(death);
  }

  onDeath(tell: (death: Death) => void): void {
    this.#died.push(tell);
  }

  freeze(ms: number): void {
    if (this.#state !== "running") return;
    this.#state = "frozen";
    this.#timeline.at(ms, () => this.#thaw());
  }

  #thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    // Each as an event of its own: what one of them starts may go on before the next.
    for (const act of this.#held.splice(0)) this.#timeline.at(0, () => this.deliver(act));
  }

  #count(ms: number): void {
    const second = Math.floor(this.#timeline.now / 1000);
    if (second !== this.#second) this.#shortTimers = 0;
    this.#second = second;
    if (ms <= 2) this.#restless = Math.max(this.#restless, ++this.#shortTimers);
  }

  #timer(ms: number, ring: () => void): () => void {
    let pending = true;
    const settle = () => {
      if (!pending) return false;
      pending = false;
      this.#timers--;
      return true;
    };
    this.#timers++;
    const cancel = this.#timeline.at(ms, () => this.deliver(() => settle() && ring()));
    return () => {
      if (settle()) cancel();
    };
  }
}

function sleep(timer: Runtime["timer"], ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = timer(ms, end);
    signal?.addEventListener("abort", end, { once: true });
  });
}

import { setFlagsFromString } from "node:v8";

interface Event {
  readonly at: number;
  readonly order: number;
  act: (() => void) | undefined;
}

/** Virtual time: events in order of their moment; between two of them everything that can go on without one does. */
export class Timeline {
  #now = 0;
  #order = 0;
  readonly #heap: Event[] = [];
  #stopped = false;

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  /** Runs `act` after `delay` milliseconds, unless what it returns is called before. */
  at(delay: number, act: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, delay), order: this.#order++, act };
    this.#push(event);
    return () => {
      event.act = undefined;
    };
  }

  /** It went far enough: whoever runs it fails, and nothing happens any more. */
  stop(): void {
    this.#stopped = true;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Runs until nothing is left to happen, `until` says so, or time is up. true: it came to an end by itself. */
  async run(until: () => boolean, limit: number): Promise<boolean> {
    await immediate();
    for (;;) {
      const ended = await new Promise<boolean | undefined>((resolve, reject) => {
        setImmediate(() => {
          try {
            resolve(this.#runSome(until, limit));
          } catch (error) {
            reject(error);
          }
        });
      });
      if (ended !== undefined) return ended;
    }
  }

  /** Many events in one turn of the real event loop, whose own rounds cost more than most events do. */
  #runSome(until: () => boolean, limit: number): boolean | undefined {
    for (let n = 0; n < perRound; n++) {
      if (this.#stopped) throw new Error("The time of this history is stopped.");
      if (until()) return true;
      const event = this.#pop();
      if (!event) return true;
      if (event.at > limit) {
        this.#push(event);
        return false;
      }
      this.#now = event.at;
      event.act?.();
      settle();
    }
    return undefined;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || before(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    while (heap.length > 0 && !heap[0]?.act) this.#takeFirst();
    return this.#takeFirst();
  }

  #takeFirst(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const left = heap[child];
      if (!left) break;
      const right = heap[child + 1];
      if (right && before(right, left)) child++;
      const smaller = heap[child];
      if (!smaller || before(last, smaller)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

const perRound = 1000;

/** Runs all that promises have left to do, now: what the end of a callback does, without ending it. */
const settle = microtaskCheckpoint();

function microtaskCheckpoint(): () => void {
  setFlagsFromString("--allow-natives-syntax");
  // The parser knows this name only while the flag is set.
  // oxlint-disable-next-line typescript/no-implied-eval -- V8 gives it no other way.
  return new Function("%PerformMicrotaskCheckpoint()") as () => void;
}

function immediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

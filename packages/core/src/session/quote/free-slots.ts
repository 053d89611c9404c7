/** Slots of a fleet, of which the one that is free first takes what comes next: a heap by time. */
export class FreeSlots {
  readonly #times: Float64Array;
  /** Slot numbers, the one that is free first at the root. */
  readonly #heap: Uint32Array;
  readonly #start: number;

  constructor(count: number, start: number) {
    this.#start = start;
    this.#times = new Float64Array(count).fill(start);
    this.#heap = Uint32Array.from({ length: count }, (_, slot) => slot);
  }

  get count(): number {
    return this.#heap.length;
  }

  take(seconds: number): void {
    const slot = this.#heap[0] ?? 0;
    this.#times[slot] = (this.#times[slot] ?? 0) + seconds;
    this.#sink();
  }

  /** When the last slot of each worker was free for good. Slots lie worker by worker across the fleet. */
  endsOf(workers: number): number[] {
    const ends = Array<number>(workers).fill(this.#start);
    for (const [slot, time] of this.#times.entries()) {
      const worker = slot % workers;
      ends[worker] = Math.max(ends[worker] ?? 0, time);
    }
    return ends;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = this.#earlier(left, left + 1);
      if (least >= heap.length || !this.#isBefore(least, at)) return;
      [heap[at], heap[least]] = [heap[least] ?? 0, heap[at] ?? 0];
      at = least;
    }
  }

  #earlier(a: number, b: number): number {
    return b < this.#heap.length && this.#isBefore(b, a) ? b : a;
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a] ?? 0, this.#heap[b] ?? 0];
    const [timeX, timeY] = [this.#times[x] ?? 0, this.#times[y] ?? 0];
    return timeX < timeY || (timeX === timeY && x < y);
  }
}

import type { ErrorJson, Finished, Slice, SliceEnd, Tell } from "./slice.ts";

/** One slice on its way through a slot: which of its positions are settled, and who waits for it. */
export class Flight {
  readonly number: number;
  readonly slice: Slice;
  readonly done: Promise<SliceEnd>;
  /** Positions that were told that their time is over: when, on the shared clock, and by which warning. */
  readonly warned = new Map<number, Warning>();
  aborted = false;
  #resolve!: (end: SliceEnd) => void;
  #reject!: (error: Error) => void;
  readonly #report: Tell;
  readonly #settled: Uint8Array;
  #left: number;

  constructor(number: number, slice: Slice, report: Tell) {
    this.number = number;
    this.slice = slice;
    this.#report = report;
    this.#settled = new Uint8Array(slice.count);
    this.#left = slice.count;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  report(finished: Finished): void | Promise<void> {
    if (finished.kind === "lines") this.#settle(finished.position, finished.count);
    else if (finished.kind !== "log") this.#settle(finished.position, 1);
    return this.#report(finished);
  }

  #settle(position: number, count: number): void {
    this.#settled.fill(1, position, position + count);
    this.#left -= count;
  }

  /** Of these positions, the ones whose outcome is not told. */
  open(positions: readonly number[]): number[] {
    return positions.filter((position) => this.#settled[position] === 0);
  }

  fail(
    positions: readonly number[],
    error: ErrorJson,
    blame: "user" | "timeout" | "oom",
    seconds: (position: number) => number,
  ): void {
    for (const position of this.open(positions)) {
      void this.report({ kind: "failed", position, error, blame, seconds: seconds(position) });
    }
  }

  /** None of the slice's tasks can run. */
  failAll(error: ErrorJson, blame: "user" | "oom"): void {
    this.fail([...this.#settled.keys()], error, blame, () => 0);
  }

  /** `aborted` are those that ran and shall not be counted as unstarted. */
  end(aborted: readonly number[]): void {
    if (this.#left === 0) {
      this.#resolve(everything);
      return;
    }
    const ran = new Set(this.open(aborted));
    const unstarted = this.open([...this.#settled.keys()]).filter((position) => !ran.has(position));
    this.#resolve({ unstarted, aborted: [...ran] });
  }

  reject(error: Error): void {
    this.#reject(error);
  }
}

const everything: SliceEnd = { unstarted: [], aborted: [] };

export interface Warning {
  readonly at: number;
  readonly number: number;
}

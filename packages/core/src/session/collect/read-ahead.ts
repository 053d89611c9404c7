import type { Facts } from "../../protocol/facts.ts";
import type { Runtime } from "../../runtime.ts";
import type { Scratch } from "./scratch.ts";

/** Reads under way, or read and not yet asked for: each may be some megabytes. */
const mostAhead = 8;

/** A read that takes longer is mostly a wait, which others can share, in milliseconds. */
const slowRead = 2;

/**
 * Reads objects that are known to be there and wanted one after the other: while the store takes its time, some of them before
 * they are asked for. One client reads after a thousand workers; on S3 it would fall behind them with one read at a time.
 */
export class ReadAhead {
  readonly #facts: Pick<Facts, "get">;
  readonly #runtime: Pick<Runtime, "monotonic">;
  #planned = new Set<string>();
  readonly #begun = new Map<string, Promise<Uint8Array | undefined>>();
  #slow = false;

  constructor(facts: Pick<Facts, "get">, runtime: Pick<Runtime, "monotonic">) {
    this.#facts = facts;
    this.#runtime = runtime;
  }

  /** Reads take long enough to be worth some effort. */
  get slow(): boolean {
    return this.#slow;
  }

  /** What will be asked for, in this order. It takes the place of an earlier plan. */
  plan(keys: Iterable<string>): void {
    this.#planned = new Set(keys);
    this.#begun.clear();
  }

  /** `scratch`: memory for what was not read ahead. */
  get(key: string, scratch: Scratch): Promise<Uint8Array | undefined> {
    const bytes = this.#begun.get(key) ?? this.#read(key, scratch);
    this.#begun.delete(key);
    this.#planned.delete(key);
    if (this.#slow) this.#begin();
    return bytes;
  }

  #begin(): void {
    for (const key of this.#planned) {
      if (this.#begun.size >= mostAhead) return;
      this.#planned.delete(key);
      this.#begun.set(key, this.#read(key));
    }
  }

  #read(key: string, scratch?: Scratch): Promise<Uint8Array | undefined> {
    const started = this.#runtime.monotonic();
    const reading = this.#facts.get(key, scratch);
    // A failure is told to who asks for it; perhaps nobody does.
    reading.then(() => (this.#slow = this.#runtime.monotonic() - started >= slowRead), ignore);
    return reading;
  }
}

function ignore(): void {
  // Told to who asks.
}

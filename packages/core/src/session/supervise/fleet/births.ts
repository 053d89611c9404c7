import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import { parseBorn } from "../../../protocol/keys.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Runtime } from "../../../runtime.ts";
import type { Seat } from "./burials.ts";

export interface BirthsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  /** Milliseconds between two looks at the store. */
  readonly period: number;
  /** What the backend says of its workers' start, in milliseconds. */
  readonly startup: number;
}

/** Which workers came to work, as far as anybody looked, and how long that takes them. */
export class Births {
  readonly #options: BirthsOptions;
  /** Seats, as `<n>.<j>`. */
  readonly #born = new Set<string>();
  /** When launches were answered, on our own clock. */
  readonly #answered = new Map<number, number>();
  #startup: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: BirthsOptions) {
    this.#options = options;
  }

  /** Somebody came to work at some time. */
  get any(): boolean {
    return this.#born.size > 0;
  }

  /** Milliseconds from a launch to the birth of its workers, in the mean of those that were seen; else as the backend says. */
  get startup(): number {
    return this.#startup ?? this.#options.startup;
  }

  answered(launch: number): void {
    this.#answered.set(launch, this.#options.runtime.monotonic());
  }

  note({ launch, slot }: Seat): void {
    this.#born.add(`${launch}.${slot}`);
  }

  /** Of these workers, by the provider's id, those that did not come to work yet. */
  pending(live: ReadonlyMap<string, Seat>): string[] {
    return [...live].flatMap(([id, { launch, slot }]) => (this.#born.has(`${launch}.${slot}`) ? [] : [id]));
  }

  /** Asks the store, by one LIST, but not twice within a period unless that is `urgent`. */
  async look(urgent = false): Promise<void> {
    const { facts, keys, runtime, period } = this.#options;
    if (!urgent && runtime.monotonic() - this.#lookedAt < period) return;
    this.#lookedAt = runtime.monotonic();
    const { entries, now } = await listAll(facts, keys.births);
    for (const { key, modified } of entries) {
      const { n, j } = parseBorn(key.slice(keys.births.length));
      if (this.#born.has(`${n}.${j}`)) continue;
      this.#born.add(`${n}.${j}`);
      this.#measure(n, now - modified);
    }
  }

  /** Ages are compared, each on its own clock: those of the store and of this machine need not agree. */
  #measure(launch: number, age: number): void {
    const answered = this.#answered.get(launch);
    if (answered === undefined) return;
    const took = Math.max(0, this.#options.runtime.monotonic() - answered - age);
    this.#startup = this.#startup === undefined ? took : this.#startup * 0.8 + took * 0.2;
  }
}

import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Runtime } from "../../../runtime.ts";
import type { Births } from "./births.ts";
import type { Seat } from "./burials.ts";

export interface SilenceOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly births: Births;
  /** Of the session, in milliseconds. */
  readonly ttl: number;
}

/** Of so many TTLs, in which nothing at all is done, a worker says nothing that neither works nor will. */
const patience = 2;

/**
 * Workers that came to work, that their provider says to run, and that are frozen or cut off: who counts them as workers waits for ever
 * when they are all that is left. Judged by our own clock only: by a watch, with looks, in which neither the worker gave a sign of life nor
 * anybody leased or committed anything. Who works writes that, who waits or runs something long a hint.
 */
export class Silence {
  readonly #options: SilenceOptions;
  #watch: Watch | undefined;
  #lookedAt: number;

  constructor(options: SilenceOptions) {
    this.#options = options;
    this.#lookedAt = options.runtime.monotonic();
  }

  /** Something was committed. */
  broken(): void {
    this.#watch = undefined;
    this.#lookedAt = this.#options.runtime.monotonic();
  }

  /** Those that are silent for good, by the provider's id. One LIST a TTL, and of what was done every two. */
  async find(live: ReadonlyMap<string, Seat>): Promise<string[]> {
    const { runtime, ttl, births } = this.#options;
    const now = runtime.monotonic();
    if (live.size === 0 || now - this.#lookedAt < ttl) return [];
    // What was slept through was no watch.
    if (now - this.#lookedAt > patience * ttl) this.#watch = undefined;
    this.#lookedAt = now;
    const signs = await this.#signs();
    const before = this.#watch;
    const quiet = [...live].filter(([, seat]) => before?.signs.get(nameOf(seat)) === signs.get(nameOf(seat)));
    if (before && quiet.length > 0 && now - before.at < patience * ttl) return [];
    const [facts] = await Promise.all([this.#countFacts(), births.look()]);
    const pending = new Set(births.pending(live));
    this.#watch = { at: now, signs, facts, born: new Set([...live.keys()].filter((id) => !pending.has(id))) };
    if (!before || facts !== before.facts) return [];
    return quiet.flatMap(([id]) => (before.born.has(id) ? [id] : []));
  }

  /** When workers gave their newest sign of life, by their seats. */
  async #signs(): Promise<ReadonlyMap<string, number>> {
    const { facts, keys } = this.#options;
    const signs = new Map<string, number>();
    for (const { key, modified } of (await listAll(facts, keys.workers)).entries) {
      const seat = key.slice(keys.workers.length).split(".", 2).join(".");
      signs.set(seat, Math.max(modified, signs.get(seat) ?? Number.NEGATIVE_INFINITY));
    }
    return signs;
  }

  /** None of them is ever deleted while a session lives. */
  async #countFacts(): Promise<number> {
    const { facts, keys } = this.#options;
    const listed = await Promise.all([keys.leases, keys.dones, keys.parts].map((prefix) => listAll(facts, prefix)));
    return listed.reduce((sum, { entries }) => sum + entries.length, 0);
  }
}

interface Watch {
  /** On our own clock. */
  readonly at: number;
  readonly signs: ReadonlyMap<string, number>;
  /** Workers that had come to work by then: of others nobody expects a sign, nor of who comes to work meanwhile one at once. */
  readonly born: ReadonlySet<string>;
  /** Leases and commits. */
  readonly facts: number;
}

function nameOf({ launch, slot }: Seat): string {
  return `${launch}.${slot}`;
}

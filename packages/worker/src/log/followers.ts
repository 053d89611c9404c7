import { listAll, parseFollower, parseJson } from "@skyburst/core/protocol";
import type { Facts, NewestFollower, Runtime, SessionKeys } from "@skyburst/core/protocol";

export interface FollowersOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Age at which a hint is none any more, in milliseconds. */
  ttl(): number;
  /** The store's clock. */
  storeNow(): number;
}

/**
 * Who follows the logs of the session. Whoever comes or stays says so in one object: to read that is the cheapest question that a
 * store can be asked. Who they all are is listed when it is said by another one, and now and then.
 */
export class Followers {
  readonly #options: FollowersOptions;
  #next = Number.NEGATIVE_INFINITY;
  #newest: NewestFollower | undefined;
  #listed = Number.NEGATIVE_INFINITY;
  #all = false;
  #tasks: ReadonlySet<number> = new Set();

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** Monotonic time from which on it is worth asking again. */
  get next(): number {
    return this.#next;
  }

  /** Whether somebody waits for what this task prints; index in the session. */
  want(task: number): boolean {
    return this.#isSaid(this.#newest) && (this.#all || this.#tasks.has(task));
  }

  /** Asks the store, if it is time to. */
  async look(): Promise<void> {
    const { facts, keys, runtime, interval, ttl } = this.#options;
    const now = runtime.monotonic();
    if (now < this.#next) return;
    this.#next = now + interval;
    const bytes = await facts.get(keys.newestFollower);
    const newest = bytes && read(bytes);
    const isAnother = newest?.by !== this.#newest?.by;
    if (this.#isSaid(newest) && (isAnother || now - this.#listed > ttl() / 3)) {
      this.#listed = now;
      await this.#list();
    }
    this.#newest = newest;
  }

  #isSaid(newest: NewestFollower | undefined): boolean {
    return newest !== undefined && this.#options.storeNow() < newest.until;
  }

  async #list(): Promise<void> {
    const { facts, keys, ttl } = this.#options;
    const { entries, now } = await listAll(facts, keys.followers);
    const fresh = entries.filter(({ key, modified }) => key !== keys.newestFollower && now - modified < ttl());
    const tasks = fresh.map(({ key }) => parseFollower(key.slice(keys.followers.length)).task);
    this.#all = tasks.includes(undefined);
    this.#tasks = new Set(tasks.filter((task) => task !== undefined));
  }
}

/** It is a hint, which anybody may have written: what can't be read says nothing. */
function read(bytes: Uint8Array): NewestFollower | undefined {
  try {
    const { by, until } = (parseJson(bytes) ?? {}) as Partial<NewestFollower>;
    return typeof by === "string" && typeof until === "number" ? { by, until } : undefined;
  } catch {
    return undefined;
  }
}

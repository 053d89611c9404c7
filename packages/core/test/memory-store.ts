import { StoreError } from "../src/store.ts";
import type { Entry, Page, StateStore, StorePace } from "../src/store.ts";
import type { Runtime } from "../src/runtime.ts";

/** What happens before an operation, and after it took effect but before it is answered. */
export interface Interference {
  before?(operation: string, key: string): Promise<void> | void;
  after?(operation: string, key: string): Promise<void> | void;
}

/** A store in memory whose operations can be held up, refused, or lose their answers. */
export class MemoryStore implements StateStore {
  readonly reference = { module: "memory", options: {} };
  readonly pace: StorePace = { ttl: 1000, commitInterval: 100, poll: [1, 10], chunksPerSlot: 16 };
  readonly objects = new Map<string, Uint8Array>();
  /** When each was written. */
  readonly times = new Map<string, number>();
  readonly operations: string[] = [];
  interference: Interference = {};
  /** Objects per page of a listing. */
  page = 1000;
  clock = 0;

  async create(key: string, body: Uint8Array): Promise<boolean> {
    await this.#begin("create", key);
    const known = this.objects.get(key);
    if (!known) this.#write(key, body);
    await this.interference.after?.("create", key);
    return known === undefined || Buffer.compare(known, body) === 0;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#begin("get", key);
    return this.objects.get(key)?.slice();
  }

  async *list(prefix: string, { after = "" }: { after?: string | undefined } = {}): AsyncIterable<Page> {
    let from = after;
    for (;;) {
      await this.#begin("list", prefix);
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > from).sort();
      const entries: Entry[] = keys.slice(0, this.page).map((key) => ({
        key,
        size: this.objects.get(key)?.length ?? 0,
        modified: this.times.get(key) ?? this.clock,
      }));
      yield { now: this.clock, entries };
      if (keys.length <= this.page) return;
      from = entries.at(-1)?.key ?? from;
    }
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#begin("put", key);
    this.#write(key, body);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key);
  }

  async now(): Promise<number> {
    return this.clock;
  }

  #write(key: string, body: Uint8Array): void {
    this.objects.set(key, body.slice());
    this.times.set(key, this.clock);
  }

  async #begin(operation: string, key: string): Promise<void> {
    this.operations.push(`${operation} ${key}`);
    await this.interference.before?.(operation, key);
  }
}

/** Nobody answered. */
export function unanswered(): StoreError {
  return new StoreError("unknown", "no answer");
}

/** Time that passes only while somebody sleeps. */
export function virtualRuntime(onSleep: (ms: number) => void = ignore): Runtime {
  let now = 0;
  return {
    monotonic: () => now,
    async sleep(ms) {
      onSleep(ms);
      now += ms;
    },
    timer: () => ignore,
    random: () => 0.5,
  };
}

function ignore(): void {
  // Nobody waits.
}

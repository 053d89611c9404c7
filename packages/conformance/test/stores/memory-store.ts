import { StoreError } from "@skyburst/core";
import type { CreateOptions, Entry, JsonObject, ListOptions, Page, SignalOption, StateStore } from "@skyburst/core";

interface Kept {
  readonly body: Uint8Array;
  readonly modified: number;
}

/** What objects with the same place share. */
export type Objects = Map<string, Kept>;

const places = new Map<string, Objects>();

/** A right store, in the memory of this process. */
export function memory(place: string): StateStore {
  return new MemoryStore(place);
}

export function open({ place, ...others }: JsonObject): StateStore {
  if (typeof place !== "string" || Object.keys(others).length > 0) throw new StoreError("option", "only `place`");
  return memory(place);
}

/** What is kept at a place, for faults that reach below the store. */
export function objectsAt(place: string): Objects {
  const objects = places.get(place) ?? new Map<string, Kept>();
  places.set(place, objects);
  return objects;
}

/** No clock that a program can set. */
export function clock(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

class MemoryStore implements StateStore {
  readonly reference;
  readonly pace = { ttl: 1000, commitInterval: 100, poll: [1, 10] as const, chunksPerSlot: 16 };
  readonly #objects: Objects;
  #closed = false;

  constructor(place: string) {
    this.reference = { module: "memory", options: { place } };
    this.#objects = objectsAt(place);
  }

  async create(key: string, body: Uint8Array, options?: CreateOptions): Promise<boolean> {
    this.#enter([key], options);
    const there = this.#objects.get(key);
    if (there !== undefined) return Buffer.compare(there.body, body) === 0;
    this.#objects.set(key, { body: body.slice(), modified: clock() });
    return true;
  }

  async get(key: string, options?: SignalOption): Promise<Uint8Array | undefined> {
    this.#enter([key], options);
    return this.#objects.get(key)?.body.slice();
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<Page, void, undefined> {
    if (!prefix.endsWith("/")) throw new StoreError("invalid-key", "no slash at the end");
    for (let { after = "" } = options, full = true; full;) {
      this.#enter([prefix.slice(0, -1)], options);
      const entries = this.#behind(prefix, after);
      yield { now: clock(), entries };
      full = entries.length === PAGE && this.#behind(prefix, entries.at(-1)?.key ?? after).length > 0;
      after = entries.at(-1)?.key ?? after;
    }
  }

  async put(key: string, body: Uint8Array, options?: SignalOption): Promise<void> {
    this.#enter([key], options);
    this.#objects.set(key, { body: body.slice(), modified: clock() });
  }

  async delete(keys: readonly string[], options?: SignalOption): Promise<void> {
    this.#enter(keys, options);
    for (const key of keys) this.#objects.delete(key);
  }

  async now(): Promise<number> {
    this.#enter([]);
    return clock();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #behind(prefix: string, after: string): Entry[] {
    const from = Buffer.from(after);
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, kept]) => ({ key, bytes: Buffer.from(key), ...kept }))
      .filter(({ bytes }) => Buffer.compare(bytes, from) > 0)
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .slice(0, PAGE)
      .map(({ key, body, modified }) => ({ key, size: body.length, modified }));
  }

  #enter(keys: readonly string[], options?: SignalOption): void {
    if (this.#closed || options?.signal?.aborted) throw new StoreError("closed", "closed or given up");
    for (const key of keys) if (!isKey(key)) throw new StoreError("invalid-key", JSON.stringify(key));
  }
}

const PAGE = 1000;

export function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isKey(key: string): boolean {
  const bytes = Buffer.from(key);
  if (bytes.length > 1024 || bytes.toString() !== key) return false;
  return key.split("/").every((part) => part !== "" && part !== "." && part !== ".." && Buffer.byteLength(part) < 256);
}

import { setImmediate } from "node:timers/promises";
import type { Facts, Runtime } from "@skyburst/core/protocol";
import { facts as factsOf, logFrames, sessionKeys } from "@skyburst/core/protocol";
import type { Page, StateStore } from "@skyburst/core";

/** Time that passes when a test says so. */
export class VirtualRuntime implements Runtime {
  now = 0;
  #timers: { readonly at: number; readonly ring: () => void }[] = [];

  monotonic(): number {
    return this.now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.timer(ms, resolve));
  }

  timer(ms: number, ring: () => void): () => void {
    const timer = { at: this.now + ms, ring };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return 0.5;
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Lets everything happen that does within so many milliseconds. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await setImmediate();
      const [next] = this.#timers.toSorted((one, other) => one.at - other.at);
      if (next === undefined || next.at > end) break;
      this.now = Math.max(this.now, next.at);
      this.#timers = this.#timers.filter((other) => other !== next);
      next.ring();
    }
    this.now = end;
  }
}

export const keys = sessionKeys("session");

/** A store whose creates take effect when the test lets them. */
export class HeldStore implements StateStore {
  readonly reference = { module: "held", options: {} };
  readonly pace = { ttl: 60_000, commitInterval: 15_000, poll: [1000, 30_000] as const, chunksPerSlot: 8 };
  readonly objects = new Map<string, { readonly body: Uint8Array; readonly modified: number }>();
  readonly asked: string[] = [];
  held = false;
  readonly #runtime: VirtualRuntime;
  readonly #waiting: (() => void)[] = [];

  constructor(runtime: VirtualRuntime) {
    this.#runtime = runtime;
  }

  async create(key: string, body: Uint8Array): Promise<boolean> {
    this.asked.push(`create ${key.slice(keys.root.length)}`);
    if (this.held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#write(key, body);
    return true;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.asked.push(`get ${key.slice(keys.root.length)}`);
    return this.objects.get(key)?.body;
  }

  async *list(prefix: string): AsyncGenerator<Page> {
    this.asked.push(`list ${prefix.slice(keys.root.length)}`);
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix));
    const entries = found.map(([key, { body, modified }]) => ({ key, size: body.length, modified }));
    yield { now: this.#runtime.now, entries: entries.toSorted((one, other) => (one.key < other.key ? -1 : 1)) };
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    this.#write(key, body);
  }

  async delete(): Promise<void> {
    // Nothing is removed here.
  }

  async now(): Promise<number> {
    return this.#runtime.now;
  }

  /** Lets the oldest create that waits take effect. */
  async let(): Promise<void> {
    this.#waiting.shift()?.();
    await setImmediate();
  }

  #write(key: string, body: Uint8Array): void {
    this.objects.set(key, { body: body.slice(), modified: this.#runtime.now });
  }

  /** Sizes of the objects of logs, by the rest of their keys. */
  logs(): Record<string, number> {
    const found = [...this.objects].filter(([key]) => key.startsWith(keys.logs));
    return Object.fromEntries(found.map(([key, { body }]) => [key.slice(keys.logs.length), body.length]));
  }
}

export function factsOn(store: StateStore, runtime: Runtime): Facts {
  return factsOf(store, runtime);
}

/** What frames say, by channel. */
export function told(bytes: Uint8Array): string[] {
  return [...logFrames(bytes)].map((frame) => `${frame.channel} ${Buffer.from(frame.bytes).toString()}`);
}

import { jsonBody } from "../protocol/lines.ts";
import type { Facts } from "../protocol/facts.ts";
import type { Runtime } from "../runtime.ts";

/**
 * Says every third of the TTL that this client lives: its supervisor's lease is kept alive as a worker's is. And what it sent to
 * the store, which its last word has to tell those who ask later.
 */
export class Heartbeat {
  readonly #stop = new AbortController();
  readonly #facts: Facts;
  readonly #key: string;
  #beats = 0;

  constructor(facts: Facts, runtime: Runtime, key: string, ttl: number) {
    this.#facts = facts;
    this.#key = key;
    void this.#beat(runtime, ttl);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#say();
  }

  async #beat(runtime: Runtime, ttl: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await runtime.sleep(ttl / 3, signal);
      if (!signal.aborted) await this.#say();
    }
  }

  async #say(): Promise<void> {
    const facts = this.#facts;
    if (facts.unsettled > 0) return;
    const usage = { ...facts.usage, put: facts.usage.put + 1 };
    // A missed beat is followed by the next; that the store is away shows where something depends on it.
    await facts.put(this.#key, jsonBody({ v: 1, client: true, beats: this.#beats++, usage })).catch(() => undefined);
  }
}

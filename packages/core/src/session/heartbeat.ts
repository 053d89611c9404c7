import { jsonBody } from "../protocol/lines.ts";
import type { Facts } from "../protocol/facts.ts";
import type { Runtime } from "../runtime.ts";
import { supervisorPace } from "./supervisor-lease.ts";

/**
 * Says each period of a supervisor that this client lives, which keeps its lease if it has one. And what it sent to the store, which
 * its last word has to tell those who ask later.
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
    const { period } = supervisorPace(ttl);
    let told = true;
    while (!signal.aborted) {
      await runtime.sleep(told ? period : period / 8, signal);
      if (!signal.aborted) told = await this.#say();
    }
  }

  /** false: it could not be said. That the store is away shows where something depends on it. */
  async #say(): Promise<boolean> {
    const facts = this.#facts;
    if (facts.unsettled > 0) return false;
    const usage = { ...facts.usage, put: facts.usage.put + 1 };
    return facts.put(this.#key, jsonBody({ v: 1, client: true, beats: this.#beats++, usage })).then(
      () => true,
      () => false,
    );
  }
}

import { jsonBody } from "../protocol/lines.ts";
import type { Facts } from "../protocol/facts.ts";
import type { Runtime } from "../runtime.ts";

/** Says every third of the TTL that this client lives: its supervisor's lease is kept alive as a worker's is. */
export class Heartbeat {
  readonly #stop = new AbortController();

  constructor(facts: Facts, runtime: Runtime, key: string, ttl: number) {
    void this.#beat(facts, runtime, key, ttl);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #beat(facts: Facts, runtime: Runtime, key: string, ttl: number): Promise<void> {
    const { signal } = this.#stop;
    for (let beats = 0; !signal.aborted; beats++) {
      await runtime.sleep(ttl / 3, signal);
      if (signal.aborted || facts.unsettled > 0) continue;
      // A missed beat is followed by the next; that the store is away shows where something depends on it.
      await facts.put(key, jsonBody({ v: 1, client: true, beats })).catch(() => undefined);
    }
  }
}

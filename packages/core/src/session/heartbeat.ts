import { jsonBody } from "../protocol/lines.ts";
import type { Facts } from "../protocol/facts.ts";
import type { Runtime } from "../runtime.ts";
import type { LedgerView } from "./ledger-view.ts";
import type { FleetState } from "./supervise/fleet-state.ts";
import { supervisorPace } from "./supervise/supervisor-lease.ts";

/**
 * Says each period of a supervisor that this client lives, which keeps its lease if it has one. And what it sent to the store, which
 * its last word has to tell those who ask later.
 */
export class Heartbeat {
  readonly #stop = new AbortController();
  readonly #facts: Facts;
  readonly #key: string;
  readonly #view: Pick<LedgerView, "current"> | undefined;
  readonly #fleet: () => FleetState | undefined;
  #beats = 0;

  /**
   * @param view Of the session, which is told nothing any more once it is removed: whoever deletes it waits for silence.
   * @param fleet What is to be said of the fleet, by who supervises.
   */
  constructor(
    facts: Facts,
    runtime: Runtime,
    key: string,
    ttl: number,
    view?: Pick<LedgerView, "current">,
    fleet: () => FleetState | undefined = () => undefined,
  ) {
    this.#facts = facts;
    this.#key = key;
    this.#view = view;
    this.#fleet = fleet;
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
    if (this.#view?.current.removed) return true;
    if (facts.unsettled > 0) return false;
    const usage = { ...facts.usage, put: facts.usage.put + 1 };
    const hint = { v: 1, client: true, beats: this.#beats++, usage, fleet: this.#fleet() };
    return facts.put(this.#key, jsonBody(hint)).then(
      () => true,
      () => false,
    );
  }
}

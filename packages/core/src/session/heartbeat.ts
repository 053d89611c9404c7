import { jsonBody } from "../protocol/lines.ts";
import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Runtime } from "../runtime.ts";
import type { LedgerView } from "./ledger-view.ts";
import type { FleetState } from "./supervise/fleet/fleet-state.ts";
import { supervisorPace } from "./supervise/supervisor-lease.ts";

export interface HeartbeatOptions {
  readonly facts: Facts;
  readonly runtime: Runtime;
  readonly keys: SessionKeys;
  /** Client id. */
  readonly client: string;
  readonly view: LedgerView;
  /**
   * How long signs of life are given in a session that was removed, in milliseconds: whoever deletes it waits for silence. Default 0: of
   * who has no worker to see off.
   */
  readonly lingers?: number;
  /** What is to be said of the fleet, by who supervises. */
  readonly fleet?: () => FleetState | undefined;
}

/**
 * Says each period of a supervisor that this client lives, which keeps its lease if it has one. And what it sent to the store, which
 * its last word has to tell those who ask later.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #stop = new AbortController();
  readonly #beating: Promise<void>;
  /** Signs of life that are in the store. */
  #beats = 0;
  /** Monotonic time at which the session was first seen to be removed. */
  #removed: number | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#beating = this.#beat();
  }

  /** Says nothing more. Resolves when what it was about to say is said. */
  async rest(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
  }

  /** Says it once more, of a session that stands: what this client asked of the store up to its end. */
  async stop(): Promise<void> {
    await this.rest();
    if (!this.#options.view.current.removed) await this.#say();
  }

  async #beat(): Promise<void> {
    const { runtime, view } = this.#options;
    const { signal } = this.#stop;
    const { period } = supervisorPace(view.current.session.ttl);
    let told = true;
    while (!signal.aborted && !view.lost) {
      await runtime.sleep(told ? period : period / 8, signal);
      if (!signal.aborted) told = this.#isOver() || (await this.#say());
    }
  }

  #isOver(): boolean {
    const { runtime, view, lingers = 0 } = this.#options;
    if (!view.current.removed) return false;
    this.#removed ??= runtime.monotonic();
    return runtime.monotonic() - this.#removed >= lingers;
  }

  /** false: it could not be said. That the store is away shows where something depends on it. */
  async #say(): Promise<boolean> {
    const { facts, keys, client, fleet } = this.#options;
    if (facts.unsettled > 0) return false;
    try {
      if (!(await this.#isWanted())) return true;
      const usage = { ...facts.usage, put: facts.usage.put + 1 };
      const hint = { v: 1, client: true, beats: this.#beats, usage, fleet: fleet?.() };
      await facts.put(keys.worker(client), jsonBody(hint));
      this.#beats++;
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Who was frozen and finds what it said last deleted must not write where nothing is left: neither into a session that was
   * removed meanwhile nor into a store that was.
   */
  async #isWanted(): Promise<boolean> {
    const { facts, keys, client, view } = this.#options;
    const newest = this.#beats > 0 ? keys.worker(client) : keys.manifest(view.current.rev);
    if (await facts.get(newest, { once: true })) return true;
    await view.follow();
    if (view.current.removed) return false;
    await view.confirm();
    return true;
  }
}

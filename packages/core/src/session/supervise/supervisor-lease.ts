import { jsonBody, parseJson } from "../../protocol/lines.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import { sight, silent } from "../../protocol/liveness.ts";
import type { Sighting } from "../../protocol/liveness.ts";
import type { Runtime } from "../../runtime.ts";

/** The rhythm of a supervisor, in milliseconds: it gives a sign of life each period, and is taken for lost once it was silent for `lease`. */
export function supervisorPace(ttl: number): { readonly period: number; readonly lease: number } {
  return { period: Math.min(ttl / 4, 15_000), lease: Math.min(ttl / 2, 30_000) };
}

export interface SupervisorLeaseOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  /** Of the session. */
  readonly ttl: number;
  /** Who wants to supervise. Its signs of life are its hint, `worker/<client>`. */
  readonly client: string;
  /** The epoch that this client holds already, as who begins a session does. */
  readonly epoch?: number | undefined;
}

/** Who supervises, as far as one look tells. */
export interface SupervisorSight {
  /** 0: nobody ever did. */
  readonly epoch: number;
  readonly owner?: string | undefined;
  /** `gone`: it said so, or there never was one. `late`: its newest sign of life is old, which one look alone does not prove. */
  readonly state: "alive" | "late" | "gone";
}

/**
 * The right to supervise a session: `supervisor/<e>`, of which the newest counts.
 *
 * It is held as long as nobody created the next one, and that is done when the holder has said that it is gone, or was
 * silent, by the rules by which workers are taken for lost: two looks apart, on the store's clock.
 */
export class SupervisorLease {
  readonly #options: SupervisorLeaseOptions;
  readonly #lease: number;
  #newest: { epoch: number; owner: string; created: number } | undefined;
  #sighting: Sighting | undefined;
  #held: number | undefined;
  /** Our own time right before it was taken. */
  #taken: number;

  constructor(options: SupervisorLeaseOptions) {
    this.#options = options;
    this.#lease = supervisorPace(options.ttl).lease;
    this.#held = options.epoch;
    this.#taken = options.runtime.monotonic();
  }

  /** The epoch under which this client supervises; undefined: it does not. */
  get held(): number | undefined {
    return this.#held;
  }

  /** Looks who supervises. Two requests and a read, three when somebody new does. */
  async look(): Promise<SupervisorSight> {
    const { facts, keys, runtime } = this.#options;
    await this.#learnNewest();
    const newest = this.#newest;
    if (!newest) return { epoch: 0, state: "gone" };
    const { epoch, owner } = newest;
    const sign = await this.#newestSign(owner);
    if (await facts.get(keys.gone(owner))) return { epoch, owner, state: "gone" };
    this.#sighting = sight(this.#sighting, {
      newest: Math.max(newest.created, sign.modified),
      storeNow: sign.now,
      monotonic: runtime.monotonic(),
      ttl: this.#lease,
    });
    if (silent(this.#sighting, runtime.monotonic(), this.#lease)) return { epoch, owner, state: "gone" };
    return { epoch, owner, state: this.#sighting.stale === undefined ? "alive" : "late" };
  }

  /** After which time a second look at who is late tells, in milliseconds. */
  get again(): number {
    return this.#lease / 6;
  }

  /** Takes the place of who is gone. false: somebody else was faster. */
  async take({ epoch }: SupervisorSight): Promise<boolean> {
    const { facts, keys, client, runtime } = this.#options;
    const asked = runtime.monotonic();
    if (!(await facts.create(keys.supervisor(epoch + 1), jsonBody({ v: 1, owner: client })))) return false;
    this.#held = epoch + 1;
    this.#taken = asked;
    return true;
  }

  /** Whether it is still ours: one read, but none right after it was taken, which is a sign of life as good as any. */
  async isOurs(): Promise<boolean> {
    const { facts, keys, runtime } = this.#options;
    if (this.#held === undefined) return false;
    if (runtime.monotonic() - this.#taken < this.#lease / 2) return true;
    if (await facts.get(keys.supervisor(this.#held + 1))) this.#held = undefined;
    return this.#held !== undefined;
  }

  async #learnNewest(): Promise<void> {
    const { facts, keys } = this.#options;
    const after = this.#newest && keys.supervisor(this.#newest.epoch);
    let last: { readonly key: string; readonly modified: number } | undefined;
    for await (const { entries } of facts.list(keys.supervisors, { after })) last = entries.at(-1) ?? last;
    const body = last && (await facts.get(last.key));
    if (!last || !body) return;
    const { owner } = parseJson(body) as { readonly owner: string };
    this.#newest = { epoch: Number(last.key.slice(keys.supervisors.length)), owner, created: last.modified };
    this.#sighting = undefined;
  }

  /** Its hint stands first behind the prefix that all of its key but the last letter is. */
  async #newestSign(owner: string): Promise<{ readonly now: number; readonly modified: number }> {
    const { facts, keys } = this.#options;
    const key = keys.worker(owner);
    for await (const { now, entries } of facts.list(keys.workers, { after: key.slice(0, -1) })) {
      const modified = entries.find((entry) => entry.key === key)?.modified ?? Number.NEGATIVE_INFINITY;
      return { now, modified };
    }
    return { now: await facts.now(), modified: Number.NEGATIVE_INFINITY };
  }
}

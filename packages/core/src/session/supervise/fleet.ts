import type { Backend, LaunchResult, WorkerStatus } from "../../backend.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Runtime } from "../../runtime.ts";
import type { LiveWorker } from "./accounts.ts";
import { bury, readLives } from "./burials.ts";
import type { Seat } from "./burials.ts";
import type { Launches } from "./launches.ts";
import { persistently } from "./persistently.ts";

export interface FleetOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly session: string;
  readonly client: string;
  readonly launches: Launches;
  /** Milliseconds between two looks at a provider that does not tell by itself. */
  readonly period: number;
  /** A worker ended. `lives`: how often it had been born; undefined: it ended in order, and was not asked about. */
  readonly ended: (status: WorkerStatus, lives: number | undefined) => Promise<void>;
  /** All that is new was told. */
  readonly changed: () => void;
}

/** Looks in a row from which a worker has to be missing to be taken for lost: one may just lag behind. */
const mostMissed = 3;

/** The workers of a session, whoever launched them, as their provider tells of them. What ends is said to be gone. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #stop = new AbortController();
  /** By the provider's id. */
  readonly #live = new Map<string, LiveWorker>();
  /** Processes beside one of {@link #live} that has the same slot: all but one of them leave by themselves. */
  readonly #doubles = new Set<string>();
  readonly #ended = new Set<string>();
  /** Looks in a row in which a live worker was not listed. */
  #missed: ReadonlyMap<string, number> = new Map();
  #watching: Promise<void> | undefined;
  #whenEmpty: () => void = ignore;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Those that start or run, by the provider's id. */
  get live(): readonly string[] {
    return [...this.#live.keys()];
  }

  /** The same, with what the provider tells of their time. */
  get workers(): readonly LiveWorker[] {
    return [...this.#live.values()];
  }

  /** Fires when nobody cares for this fleet any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /**
   * Takes over from who supervised before: what it may have left in the middle is done, and what ended meanwhile is said.
   * Returns how many were gone by then, by whatever cause.
   */
  async adopt(wanted: boolean): Promise<number> {
    const { facts, keys, backend, session, launches, client, runtime } = this.#options;
    const { signal } = this.#stop;
    const [statuses, { living, born, gone }, unanswered] = await Promise.all([
      persistently(runtime, signal, () => backend.list(session, { signal })),
      readLives(facts, keys),
      launches.unanswered(),
    ]);
    for (const status of statuses) {
      if (status.state !== "exited") this.#join(status);
      else {
        this.#ended.add(status.id);
        if (isAmong(living, status)) await bury(facts, keys, status, status.exit, client);
      }
    }
    for (const n of unanswered) {
      const known = [...statuses, ...born].filter(({ launch }) => launch === n);
      this.launched(n, await launches.repeat(n, known, wanted, signal));
    }
    const unlisted = living.filter((seat) => !isAmong(statuses, seat));
    this.#watching = Promise.all([this.#watch(), this.#buryUnlisted(unlisted)]).then(ignore);
    return gone;
  }

  /** The provider took a launch. */
  launched(n: number, { started }: LaunchResult): void {
    for (const { slot, id } of started) {
      if (this.#ended.has(id) || this.#live.has(id)) continue;
      const seat = { launch: n, slot };
      for (const [other, taken] of this.#live) {
        if (!isAmong([taken], seat)) continue;
        this.#live.delete(other);
        this.#doubles.add(other);
      }
      this.#live.set(id, seat);
    }
  }

  /** Learns of ended workers as soon as the provider tells. Rejects when it does not, for long. */
  async watch(): Promise<void> {
    await (this.#watching ??= this.#watch());
  }

  async stop(ids: readonly string[]): Promise<void> {
    const { backend, runtime } = this.#options;
    if (ids.length > 0) await persistently(runtime, this.#stop.signal, () => backend.stop(ids));
  }

  /** Asks all of them to end, and waits until they are gone, or for so many milliseconds. */
  async stopAll(patience: number): Promise<void> {
    const { runtime } = this.#options;
    if (this.#live.size === 0) return;
    // Before anything is awaited: the last worker may end while the provider takes the calls.
    const emptied = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    await this.stop([...this.#live.keys(), ...this.#doubles]);
    const late = new AbortController();
    await Promise.race([emptied, this.#watching?.catch(ignore), runtime.sleep(patience, late.signal)]);
    late.abort();
  }

  /** Leaves the workers to themselves. */
  async leave(): Promise<void> {
    this.#stop.abort();
    await this.#watching?.catch(ignore);
  }

  async #watch(): Promise<void> {
    const { runtime } = this.#options;
    const { signal } = this.#stop;
    try {
      await persistently(runtime, signal, () => this.#observeAll(signal));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #observeAll(signal: AbortSignal): Promise<void> {
    const { backend, session, runtime, period } = this.#options;
    if (backend.watch) {
      for await (const statuses of backend.watch(session, { signal })) await this.#observe(statuses);
      return;
    }
    while (!signal.aborted) {
      await runtime.sleep(period, signal);
      if (signal.aborted) return;
      const before = new Map(this.#live);
      const statuses = await persistently(runtime, signal, () => backend.list(session, { signal }));
      await this.#observe([...statuses, ...this.#forgotten(before, statuses)]);
    }
  }

  /** Workers that the provider no longer lists: some keep what ended for a short while only. */
  #forgotten(before: ReadonlyMap<string, Seat>, statuses: readonly WorkerStatus[]): WorkerStatus[] {
    const listed = new Set(statuses.map(({ id }) => id));
    const missing = [...before].filter(([id]) => !listed.has(id));
    this.#missed = new Map(missing.map(([id]) => [id, (this.#missed.get(id) ?? 0) + 1]));
    return missing
      .filter(([id]) => (this.#missed.get(id) ?? 0) >= mostMissed)
      .map(([id, seat]) => ({ id, ...seat, state: "exited" as const }));
  }

  async #observe(statuses: readonly WorkerStatus[]): Promise<void> {
    const { facts, keys, client, ended, changed } = this.#options;
    let news = false;
    for (const status of statuses) {
      if (status.state !== "exited") this.#join(status);
      if (status.state !== "exited" || this.#ended.has(status.id)) continue;
      this.#ended.add(status.id);
      this.#live.delete(status.id);
      this.#doubles.delete(status.id);
      news = true;
      // Who ended by itself has said so: that is its last act.
      const wellEnded = status.exit?.reason === "done";
      await ended(status, wellEnded ? undefined : await bury(facts, keys, status, status.exit, client));
    }
    if (this.#live.size === 0) this.#whenEmpty();
    if (news) changed();
  }

  /** A worker that somebody else launched, or an answer that was lost. */
  #join({ id, launch, slot, startedAt }: WorkerStatus): void {
    if (this.#ended.has(id)) return;
    // A worker that was pending may have started by now.
    if (this.#live.has(id)) return void this.#live.set(id, { launch, slot, startedAt });
    const isDouble = isAmong([...this.#live.values()], { launch, slot });
    if (isDouble) this.#doubles.add(id);
    else {
      this.#doubles.delete(id);
      this.#live.set(id, { launch, slot, startedAt });
    }
  }

  /**
   * Workers that were born and that the provider does not know, though they did not say that they are gone. Each is buried once:
   * one that goes on under a new name after that lives where this provider can't see it.
   */
  async #buryUnlisted(seats: readonly Seat[]): Promise<void> {
    const { facts, keys, backend, session, client, runtime, period } = this.#options;
    const { signal } = this.#stop;
    let missing = seats;
    for (let looks = 1; looks < mostMissed && missing.length > 0; looks++) {
      await runtime.sleep(period, signal);
      if (signal.aborted) return;
      const statuses = await persistently(runtime, signal, () => backend.list(session, { signal }));
      missing = missing.filter((seat) => !isAmong(statuses, seat));
    }
    for (const seat of missing) if (!signal.aborted) await bury(facts, keys, seat, undefined, client);
    if (missing.length > 0) this.#options.changed();
  }
}

function isAmong(seats: readonly Seat[], { launch, slot }: Seat): boolean {
  return seats.some((other) => other.launch === launch && other.slot === slot);
}

function ignore(): void {
  // Nobody waits, or what failed was told before.
}

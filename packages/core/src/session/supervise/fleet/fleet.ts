import type { Backend, LaunchResult, StopOptions, WorkerStatus } from "../../../backend.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Runtime } from "../../../runtime.ts";
import type { LiveWorker } from "../money/accounts.ts";
import { bury, readLives } from "./burials.ts";
import type { Seat } from "./burials.ts";
import { buryUnlisted } from "./bury-unlisted.ts";
import { Exits } from "./exits.ts";
import type { Launches, Repeated } from "../launch/launches.ts";
import { persistently } from "../persistently.ts";
import { watchProvider } from "./provider-watch.ts";
import { isAmong, Roster } from "./roster.ts";

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
  /** Whether a worker costs anything. */
  readonly pays: () => Promise<boolean>;
  /** A worker ended. `lives`: how often it had been born; undefined: it ended in order, and was not asked about. */
  readonly ended: (status: WorkerStatus, lives: number | undefined) => Promise<void>;
  /** All that is new was told. */
  readonly changed: () => void;
}

/** What who takes over finds. */
export interface Adopted {
  /** Workers that were born at some time. */
  readonly born: readonly Seat[];
  /** How many lives were gone by then, by whatever cause. */
  readonly gone: number;
  /** What the provider answered to launches that were asked for again; before that a refusal, where that is what it said last. */
  readonly answers: readonly Repeated[];
}

/** Longest wait for the end of who was given up, in milliseconds: its machine may be gone, and its provider not know it. */
const lostPatience = 2000;

/** The workers of a session, whoever launched them, as their provider tells of them. What ends is said to be gone. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #stop = new AbortController();
  readonly #roster = new Roster();
  readonly #exits: Exits;
  #watching: Promise<void> | undefined;
  #whenTold: () => void = ignore;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#exits = new Exits(options);
  }

  /** Those that start or run, by the provider's id, oldest first, with what the provider tells of their time. */
  get live(): ReadonlyMap<string, LiveWorker> {
    return this.#roster.live;
  }

  /** Fires when nobody cares for this fleet any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Takes over from who supervised before: what it may have left in the middle is done, and what ended meanwhile is said. */
  async adopt(wanted: boolean): Promise<Adopted> {
    const { facts, keys, backend, session, launches, client, runtime } = this.#options;
    const { signal } = this.#stop;
    const [statuses, { living, born, gone }, { unanswered, refused }] = await Promise.all([
      persistently(runtime, signal, () => backend.list(session, { signal })),
      readLives(facts, keys),
      launches.leftOff(),
    ]);
    for (const status of statuses) {
      if (status.state !== "exited") this.#roster.join(status);
      else {
        this.#roster.end(status.id);
        if (isAmong(living, status)) await bury(facts, keys, status, status.exit, client);
      }
    }
    await this.#exits.tellAll(statuses.filter(({ state }) => state === "exited"));
    const answers: Repeated[] = refused ? [refused] : [];
    for (const n of unanswered) {
      const known = [...statuses, ...born].filter(({ launch }) => launch === n);
      const repeated = await launches.repeat(n, known, wanted, signal);
      this.launched(n, repeated.result);
      if (repeated.asked > 0) answers.push(repeated);
    }
    const unlisted = living.filter((seat) => !isAmong(statuses, seat));
    const burying = buryUnlisted(this.#options, unlisted, signal).then((news) => news && this.#options.changed());
    this.#watching = Promise.all([this.#watch(), burying]).then(ignore);
    return { born, gone, answers };
  }

  /** The provider answered to a launch. */
  launched(n: number, result: LaunchResult): void {
    this.#roster.answered(n, result);
  }

  /** Learns of ended workers as soon as the provider tells. Rejects when it does not, for long. */
  async watch(): Promise<void> {
    await (this.#watching ??= this.#watch());
  }

  async stop(ids: readonly string[], options?: StopOptions): Promise<void> {
    const { backend, runtime } = this.#options;
    if (ids.length > 0) await persistently(runtime, this.#stop.signal, () => backend.stop(ids, options));
  }

  /** Workers that are taken for lost while their provider says that they run: they are stopped, which it may or may not manage. */
  async giveUp(ids: readonly string[]): Promise<void> {
    const { facts, keys, client } = this.#options;
    const seats = ids.flatMap((id) => this.#roster.giveUp(id) ?? []);
    await Promise.all(seats.map((seat) => bury(facts, keys, seat, undefined, client)));
    await this.stop(ids);
  }

  /** Asks all of them to end, and waits until they are gone, or for so many milliseconds. */
  async stopAll(patience: number): Promise<void> {
    if (this.live.size > 0) {
      // Before anything is awaited: the last worker may end while the provider takes the calls.
      const emptied = this.#until(() => this.live.size === 0);
      await this.stop(this.#roster.everybody);
      await this.#within(emptied, patience);
    }
    const { givenUp } = this.#roster;
    if (givenUp.length === 0) return;
    // Of them nothing is expected any more but their end, of which nobody would hear later.
    const ended = this.#until(() => this.#roster.givenUp.length === 0);
    await this.stop(givenUp, { grace: 0 });
    await this.#within(ended, Math.min(patience, lostPatience));
  }

  /** Resolves when that is so after something was told. */
  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#whenTold = () => {
        if (isSo()) resolve();
      };
    });
  }

  async #within(ending: Promise<void>, patience: number): Promise<void> {
    const { runtime } = this.#options;
    const late = new AbortController();
    await Promise.race([ending, this.#watching?.catch(ignore), runtime.sleep(patience, late.signal)]);
    late.abort();
  }

  /** Leaves the workers to themselves. */
  async leave(): Promise<void> {
    this.#stop.abort();
    await this.#watching?.catch(ignore);
  }

  async #watch(): Promise<void> {
    const told = (statuses: readonly WorkerStatus[]) => this.#observe(statuses);
    await watchProvider({ ...this.#options, live: () => this.live, told }, this.#stop.signal);
  }

  async #observe(statuses: readonly WorkerStatus[]): Promise<void> {
    const ended: WorkerStatus[] = [];
    for (const status of statuses) {
      if (status.state !== "exited") this.#roster.join(status);
      else if (this.#roster.end(status.id)) ended.push(status);
    }
    await Promise.all([this.#exits.tell(ended), this.#buryAll(ended)]);
    this.#whenTold();
    if (ended.length > 0) this.#options.changed();
  }

  async #buryAll(ended: readonly WorkerStatus[]): Promise<void> {
    for (const status of ended) await this.#bury(status);
  }

  async #bury(status: WorkerStatus): Promise<void> {
    const { facts, keys, client, ended } = this.#options;
    // Who ended by itself has said so: that is its last act.
    const wellEnded = status.exit?.reason === "done";
    const lives = wellEnded ? undefined : await bury(facts, keys, status, status.exit, client);
    await ended(status, lives);
  }
}

function ignore(): void {
  // Nobody waits, or what failed was told before.
}

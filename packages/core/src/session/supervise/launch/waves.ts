import type { Backend, LaunchResult } from "../../../backend.ts";
import type { FleetPlan } from "../../../plan-fleet.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Runtime } from "../../../runtime.ts";
import type { LedgerView } from "../../ledger-view.ts";
import type { Births } from "../fleet/births.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Launches } from "./launches.ts";
import type { MemoryNeeds } from "./memory-needs.ts";
import { sizeInWords } from "../../../size-in-words.ts";
import { isLasting, refusedForGood } from "../fleet/no-worker.ts";
import type { Refusals } from "./refusals.ts";
import type { Room } from "./room.ts";
import type { Spending } from "../money/spending.ts";

export interface WavesOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly backend: Backend;
  readonly period: number;
  readonly launches: Launches;
  readonly spending: Spending;
  readonly fleet: Fleet;
  readonly births: Births;
  readonly refusals: Refusals;
  readonly room: Room;
  readonly needs: MemoryNeeds;
  /** What this client's tasks are, when that is known. */
  readonly kind: () => "function" | "command" | undefined;
  /** Whether this client still supervises. */
  readonly isOurs: () => Promise<boolean>;
  /** Fires when nobody is to be launched any more. */
  readonly unwanted: AbortSignal;
  /** Whoever is launched is watched. */
  readonly watch: () => void;
}

/** Launches what was planned, one wave at a time. */
export class Waves {
  readonly #options: WavesOptions;
  #lastLaunch = Number.NEGATIVE_INFINITY;

  constructor(options: WavesOptions) {
    this.#options = options;
  }

  /** Milliseconds. */
  get sinceLaunch(): number {
    return this.#options.runtime.monotonic() - this.#lastLaunch;
  }

  /**
   * @param workers The planned fleet. true: there is more to plan at once.
   *
   * @throws {SkyburstError} `workers` when nobody lives, and nothing but a change of what was asked for would start one.
   */
  async launch(plan: FleetPlan, workers: number): Promise<boolean> {
    const {
      runtime,
      view,
      launches,
      spending,
      fleet,
      period,
      isOurs,
      watch,
      unwanted,
      kind: ownKind,
      needs,
    } = this.#options;
    const { launch: wanted } = plan;
    const began = runtime.monotonic();
    // Workers that ended may have been stopped by who removes the session.
    const followed = launches.decided > 0 ? view.follow() : undefined;
    if (launches.decided === 0) needs.begin();
    const [ours, over] = await Promise.all([isOurs(), this.#isOver(), followed, needs.hear(view.current)]);
    if (!ours || over) return false;
    const { memory } = needs;
    if (memory !== undefined) spending.raise(memory);
    const count = await spending.allow([...fleet.live.values()], wanted);
    if (count === 0 || view.current.paused || view.current.removed) return false;
    const { chunks, submissions } = view.current;
    // Whoever is started before there is work begins at the entry that will bring some: most often it is there by then.
    const rev = chunks === 0 ? view.current.rev + 1 : view.current.rev;
    const kind = ownKind() ?? submissions.at(-1)?.task.kind ?? "function";
    const because = memory === undefined ? plan.because : `${plan.because}; what is left needs ${sizeInWords(memory)}`;
    const launch = await launches.decide({ count, because, workers, rev, kind }, memory);
    // Decided by somebody else: by a successor, or late by the one before.
    if (!launch) return isOurs();
    // What took long may have been slept through.
    if (runtime.monotonic() - began > period && !(await this.#goesOn())) return false;
    this.#lastLaunch = runtime.monotonic();
    watch();
    const result = await launches.carryOut(launch.n, launch.fact, fleet.signal, unwanted);
    if (result.refused.length === 0) needs.met(memory);
    return this.#judge(plan, launch.n, count, result);
  }

  #judge({ wanted }: FleetPlan, n: number, asked: number, result: LaunchResult): boolean {
    const { fleet, births, refusals, room, backend } = this.#options;
    const probed = refusals.newest !== undefined;
    fleet.launched(n, result);
    births.answered(n);
    refusals.judge(asked, result, wanted > fleet.live.size);
    room.taken(result.started.length, result.refused.length);
    const [refusal] = result.refused;
    if (refusal && isLasting(refusal) && fleet.live.size === 0) throw refusedForGood(backend, refusal);
    return probed || refusal !== undefined;
  }

  async #goesOn(): Promise<boolean> {
    const { view, isOurs } = this.#options;
    await view.follow();
    const { paused, removed } = view.current;
    return !paused && !removed && isOurs();
  }

  /** Workers that left because all is done are not replaced, though their outcomes may not be collected yet. */
  async #isOver(): Promise<boolean> {
    const { facts, keys, view, launches } = this.#options;
    return launches.decided > 0 && (await facts.get(keys.over(view.current.rev))) !== undefined;
  }
}

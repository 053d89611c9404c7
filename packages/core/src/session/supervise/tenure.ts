import type { LaunchResult, WorkerStatus } from "../../backend.ts";
import { SkyburstError } from "../../errors.ts";
import { planFleet } from "../../plan-fleet.ts";
import type { FleetPlan } from "../../plan-fleet.ts";
import { Enforcement } from "./enforcement.ts";
import { Fleet } from "./fleet.ts";
import { IdleWorkers } from "./idle-workers.ts";
import type { Launches } from "./launches.ts";
import type { Left, RemainingWork } from "./remaining.ts";
import { Setbacks } from "./setbacks.ts";
import type { Spending } from "./spending.ts";
import type { SupervisorLease } from "./supervisor-lease.ts";
import type { SupervisorOptions } from "./supervisor.ts";

/** What outlives a tenure: the supervisor has it, whether it supervises or not. */
export interface TenureOptions extends SupervisorOptions {
  readonly lease: SupervisorLease;
  readonly launches: Launches;
  readonly remaining: RemainingWork;
  readonly spending: Spending;
  /** Milliseconds between two looks at everything. */
  readonly period: number;
  /** What this client's tasks are, when that is known. */
  readonly kind: () => "function" | "command" | undefined;
  /** It can't go on. */
  readonly failed: (why: unknown) => void;
}

/**
 * The time for which a client supervises, from taking the lease to losing it or leaving. Plans the fleet, one plan at a time, and
 * launches it in waves.
 */
export class Tenure {
  readonly #options: TenureOptions;
  readonly #fleet: Fleet;
  readonly #setbacks: Setbacks;
  readonly #idle: IdleWorkers;
  readonly #enforcement: Enforcement;
  readonly #stop = new AbortController();
  #planning: Promise<void> = Promise.resolve();
  #lastLaunch = Number.NEGATIVE_INFINITY;
  #nextPayment = Number.NEGATIVE_INFINITY;
  /** When the earliest look is due that time alone brings. */
  #nextPlan = Number.POSITIVE_INFINITY;
  #cancelPlan: () => void = ignore;

  constructor(options: TenureOptions) {
    const { facts, keys, view, backend, remaining } = options;
    this.#options = options;
    this.#setbacks = new Setbacks({ facts, keys, view, backend });
    this.#idle = new IdleWorkers(facts, keys);
    this.#enforcement = new Enforcement({ facts, keys, view, remaining });
    this.#fleet = new Fleet({
      ...options,
      ended: (status, lives) => this.#ended(status, lives),
      changed: () => this.plan(),
    });
  }

  get live(): number {
    return this.#fleet.live.length;
  }

  /** A submission of this client begins, or goes on: who left because there was nothing to do may be missed. */
  expect(): void {
    this.#idle.forget();
    this.plan();
  }

  progressed(succeeded: boolean): void {
    this.#setbacks.progressed(succeeded);
  }

  /** Takes over from who supervised before. @param ends It is not to last: what was decided is not to be done. */
  async adopt(ends: boolean): Promise<void> {
    const { view } = this.#options;
    await view.follow();
    const { paused, removed, cancelled } = view.current;
    const wanted = !ends && !paused && !removed && !cancelled && (await this.#mayHaveWork());
    this.#setbacks.inherit(await this.#fleet.adopt(wanted));
    this.#watch();
  }

  /** Looks at the ledger with waits that grow, and each period at everything, until somebody takes the place, or the signal fires. */
  async serve(signal: AbortSignal): Promise<void> {
    const { runtime, facts, view, period } = this.#options;
    const [shortest, longest] = facts.store.pace.poll;
    this.plan();
    let next = runtime.monotonic() + period;
    let known = view.current.rev;
    let { looks } = view;
    const ending = AbortSignal.any([signal, this.#stop.signal]);
    for (let wait = shortest; ;) {
      await runtime.sleep(Math.max(1, Math.min(wait, longest, next - runtime.monotonic())), ending);
      if (ending.aborted) return;
      const { rev } = view.current;
      // A collector that waits for outcomes looks as well.
      if (view.looks === looks) await view.follow();
      looks = view.looks;
      wait = view.current.rev === rev ? wait * 2 : shortest;
      if (view.current.rev !== known) this.plan();
      known = view.current.rev;
      if (runtime.monotonic() < next) continue;
      if (!(await this.#isOurs())) return;
      next = runtime.monotonic() + Math.max(1, Math.min(period, await this.#enforcement.enforce()));
      this.plan();
    }
  }

  /** Plans no more. Resolves when what is under way came to its end. */
  async rest(): Promise<void> {
    this.#stop.abort();
    this.#cancelPlan();
    await this.#planning;
  }

  /** Asks all workers to end, and waits until they are gone, or for so many milliseconds. */
  async stopWorkers(patience: number): Promise<void> {
    await this.#fleet.stopAll(patience);
  }

  /** Leaves the workers to themselves. */
  async leave(): Promise<void> {
    await this.rest();
    await this.#fleet.leave();
  }

  plan(): void {
    this.#planning = this.#planning.then(() => this.#planOnce()).catch((error: unknown) => this.#options.failed(error));
  }

  /** Somebody took the place of this client, which was silent for long: what it knows of the fleet is old. */
  async #isOurs(): Promise<boolean> {
    const ours = await this.#options.lease.isOurs();
    if (!ours) this.#stop.abort();
    return ours;
  }

  async #mayHaveWork(): Promise<boolean> {
    const { remaining } = this.#options;
    const { own } = remaining;
    return own.open || own.chunks > 0 || this.#awaitsFirst() || (await remaining.ofOthers()) > 0;
  }

  /** Nothing was submitted yet, and somebody is about to. */
  #awaitsFirst(): boolean {
    return this.#options.keeps === true && this.#options.view.current.submissions.length === 0;
  }

  async #planOnce(): Promise<void> {
    const { paused, removed } = this.#options.view.current;
    if (this.#stop.signal.aborted || paused || removed) return;
    await this.#keepPaid();
    if (this.#options.view.current.paused) return;
    const { stop, launch, because, again } = await this.#decide();
    if (stop.length > 0) await this.#fleet.stop(stop);
    if (launch > 0) await this.#launchWave(launch, because);
    if (again !== undefined) this.#planAfter(again);
  }

  /** Between two plans and not beside one: money must not be promised twice. */
  async #keepPaid(): Promise<void> {
    const { spending, view, runtime, period } = this.#options;
    if (runtime.monotonic() < this.#nextPayment) return;
    const needed = async () => view.current.submissions.some(({ ended }) => !ended) || this.#mayHaveWork();
    const due = Math.max(1, await spending.keepUp(this.#fleet.workers, needed));
    this.#nextPayment = runtime.monotonic() + Math.min(period, due);
    if (due < period) this.#planAfter(due);
  }

  /** The store is asked only for what would change the plan. */
  async #decide(): Promise<FleetPlan> {
    const { remaining, view } = this.#options;
    this.#idle.follow(view.current);
    const { own, others } = remaining;
    const open = own.open || this.#awaitsFirst();
    const plan = this.#planFor({ chunks: own.chunks, open });
    const short = this.live < this.#limit;
    if (plan.stop.length > 0 || !short || (plan.launch === 0 && others.length === 0)) return plan;
    if ((await this.#idle.ask()) > 0) return this.#planFor({ chunks: await remaining.ofAll(), open });
    if (open || others.length === 0 || this.live + plan.launch >= this.#limit) return plan;
    return this.#planFor({ chunks: own.chunks + (await remaining.ofOthers()), open });
  }

  #planFor({ chunks, open }: Left): FleetPlan {
    const { backend, spec, runtime } = this.#options;
    const { maxWorkers, slots } = backend.capabilities;
    const observation = {
      chunks,
      open,
      live: this.#fleet.live,
      slots: spec.slots ?? slots,
      failures: this.#setbacks.failures,
      sinceLaunch: runtime.monotonic() - this.#lastLaunch,
      idle: this.#idle.count,
    };
    return planFleet(observation, { workers: this.#wish, maxWorkers });
  }

  get #wish(): number {
    const { workers, view } = this.#options;
    return Math.max(workers, view.current.session.fleet?.workers ?? 0);
  }

  get #limit(): number {
    return Math.min(this.#wish, this.#options.backend.capabilities.maxWorkers);
  }

  /** One wait at a time, the shortest: what it brings decides again when to look next. */
  #planAfter(ms: number): void {
    const { runtime } = this.#options;
    const at = runtime.monotonic() + ms;
    if (this.#stop.signal.aborted || this.#nextPlan <= at) return;
    this.#cancelPlan();
    this.#nextPlan = at;
    this.#cancelPlan = runtime.timer(ms, () => {
      this.#nextPlan = Number.POSITIVE_INFINITY;
      this.plan();
    });
  }

  async #launchWave(wanted: number, because: string): Promise<void> {
    const { runtime, view, launches, spending, kind: ownKind, period } = this.#options;
    const began = runtime.monotonic();
    const [ours, over] = await Promise.all([this.#isOurs(), this.#isOver()]);
    if (!ours || over) return;
    const count = await spending.allow(this.#fleet.workers, wanted);
    if (count === 0 || view.current.paused) return;
    const { rev, submissions } = view.current;
    const kind = ownKind() ?? submissions.at(-1)?.task.kind ?? "function";
    const launch = await launches.decide({ count, because, workers: this.#limit, rev, kind });
    // Decided by somebody else: by a successor, or late by the one before.
    if (!launch) return (await this.#isOurs()) ? this.plan() : undefined;
    // What took long may have been slept through.
    if (runtime.monotonic() - began > period && !(await this.#goesOn())) return;
    this.#lastLaunch = runtime.monotonic();
    this.#watch();
    const result = await launches.carryOut(launch.n, launch.fact, this.#fleet.signal);
    this.#fleet.launched(launch.n, result);
    this.#judge(result);
  }

  async #goesOn(): Promise<boolean> {
    const { view } = this.#options;
    await view.follow();
    const { paused, removed } = view.current;
    return !paused && !removed && this.#isOurs();
  }

  /** Workers that left because all is done are not replaced, though their outcomes may not be collected yet. */
  async #isOver(): Promise<boolean> {
    const { facts, keys, view, launches } = this.#options;
    return launches.decided > 0 && (await facts.get(keys.over(view.current.rev))) !== undefined;
  }

  /** Not before there is somebody to watch: looking would hold a first launch up. */
  #watch(): void {
    this.#fleet.watch().catch((error: unknown) => this.#options.failed(error));
  }

  #judge({ started, refused }: LaunchResult): void {
    const refusal = refused[0];
    if (!refusal) return this.#setbacks.accepted();
    if (started.length === 0 && this.live === 0 && isLasting(refusal.kind))
      throw new SkyburstError(
        "workers",
        `No worker can be started on ${this.#options.backend.name}: ${refusal.message}`,
      );
    const wait = this.#setbacks.refused();
    this.#planAfter(refusal.retryAfter ?? wait);
  }

  async #ended({ id, launch, slot, exit }: WorkerStatus, lives: number | undefined): Promise<void> {
    if (lives === undefined) this.#idle.left({ launch, slot });
    if (exit?.reason !== "error" && exit?.reason !== "oom") return;
    if (lives !== 0) return this.#setbacks.countDeath();
    const hopeless = await this.#setbacks.countStillborn(id);
    if (hopeless) this.#options.failed(hopeless);
  }
}

/** Refusals that waiting does not mend. */
function isLasting(kind: string): boolean {
  return kind === "option" || kind === "permission" || kind === "image";
}

function ignore(): void {
  // Nobody waits.
}

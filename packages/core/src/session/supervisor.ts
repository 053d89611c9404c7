import type { Backend, LaunchProgram, LaunchResult, WorkerSpec, WorkerStatus } from "../backend.ts";
import { ownCosts } from "../costs.ts";
import type { CostEstimator } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import { planFleet } from "../plan-fleet.ts";
import type { FleetPlan } from "../plan-fleet.ts";
import { listAll } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Ledger } from "../protocol/ledger.ts";
import { jsonBody } from "../protocol/lines.ts";
import type { Runtime } from "../runtime.ts";
import { lastReason } from "./burials.ts";
import type { Seat } from "./burials.ts";
import { deathsInARow } from "./deaths.ts";
import { Enforcement } from "./enforcement.ts";
import { Fleet } from "./fleet.ts";
import { Launches } from "./launches.ts";
import type { LedgerView } from "./ledger-view.ts";
import { RemainingWork } from "./remaining.ts";
import { Spending } from "./spending.ts";
import { SupervisorLease, supervisorPace } from "./supervisor-lease.ts";

export interface SupervisorOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  /** The wish. That of the session, as its ledger tells, counts when it is larger. */
  readonly workers: number;
  readonly session: string;
  /** Client id, named as the owner of what it writes. Its heartbeat is the supervisor's as well. */
  readonly client: string;
  readonly program: () => Promise<LaunchProgram>;
  /** What the session's budget is counted by. Default: what backend and store say of themselves. */
  readonly costs?: CostEstimator | undefined;
  /** The supervisor's lease that this client holds already, as who begins a session does. Default: none, so it is a candidate. */
  readonly epoch?: number | undefined;
  /** It has no work of its own, and stands from the beginning: workers are there when the first submission comes. Default false. */
  readonly keeps?: boolean | undefined;
}

/** Launches in a row whose workers all ended before they worked, after which nobody expects the next to do better. */
const launchLimit = 3;

/** How long stopping waits for workers to be gone; the backend ends what does not leave by itself before that. Milliseconds. */
const exitPatience = 15_000;

/** Wait after a refusal that does not say how long, in milliseconds; doubled each time. */
const firstRetry = 250;

/**
 * Keeps the fleet of a session at the size that its work needs, and says in the store which workers are no more.
 *
 * States: candidate → supervising → (somebody took its place) candidate → … → left. A candidate waits until who supervises is
 * gone; what its own submissions need is then done by the other one.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #lease: SupervisorLease;
  readonly #launches: Launches;
  readonly #remaining: RemainingWork;
  readonly #enforcement: Enforcement;
  readonly #spending: Spending;
  readonly #period: number;
  readonly #stop = new AbortController();
  /** While it supervises. */
  #fleet: Fleet | undefined;
  #standing: Promise<void> | undefined;
  #kind: "function" | "command" | undefined;
  #supervised = false;
  #planning: Promise<void> = Promise.resolve();
  #failure: SkyburstError | undefined;
  #word: Promise<void> | undefined;
  /** Launches in a row of which no worker came to work: refused, and born dead. */
  #refusals = 0;
  #stillborn = 0;
  #births = 0;
  /** At most so many workers crashed in a row. */
  #deaths = 0;
  #lastLaunch = Number.NEGATIVE_INFINITY;
  /** Workers that left in order and were not asked why; those of which it is known that they found nothing to lease. */
  #left: Seat[] = [];
  #idle = 0;
  #known = "";
  /** When the earliest look is due that time alone brings. */
  #nextPlan = Number.POSITIVE_INFINITY;
  #cancelPlan: () => void = ignore;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { facts, keys, runtime, view, backend, spec, client, session, program, epoch, keeps } = options;
    const { ttl } = view.current.session;
    this.#period = supervisorPace(ttl).period;
    this.#lease = new SupervisorLease({ facts, keys, runtime, ttl, client, epoch });
    this.#launches = new Launches({ facts, keys, runtime, backend, spec, session, client, program });
    this.#remaining = new RemainingWork(facts, keys, view);
    this.#enforcement = new Enforcement({ facts, keys, view, remaining: this.#remaining });
    const costs = options.costs ?? ownCosts(facts.store, backend);
    this.#spending = new Spending({ facts, keys, runtime, view, costs, spec, client, least: this.#period });
    if (epoch !== undefined) this.#fleet = this.#newFleet();
    if (epoch !== undefined || keeps) this.#stand();
  }

  /** Why no work is done and none will be; undefined while all is well. */
  get failure(): SkyburstError | undefined {
    return this.#failure;
  }

  /** It holds the lease, as far as it knows. */
  get supervises(): boolean {
    return this.#fleet !== undefined;
  }

  /** Workers that live, as far as this supervisor knows; none while it is a candidate. */
  get live(): number {
    return this.#fleet?.live.length ?? 0;
  }

  /** What is left to do. */
  get remaining(): RemainingWork {
    return this.#remaining;
  }

  /** A submission begins. `count`: its inputs, when that is known; `kind`: what it runs. Workers may start before any of them is stored. */
  expect(submission: string, count: number | undefined, kind: "function" | "command"): void {
    this.#kind = kind;
    this.#remaining.expect(submission, count);
    this.#idle = 0;
    this.#left = [];
    this.#stand();
    this.#plan();
  }

  /** The ledger has grown. */
  grown(): void {
    this.#plan();
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    this.#remaining.finished(submission);
  }

  /** The submission needs no worker any more, as far as this client is concerned. */
  forget(submission: string): void {
    this.#remaining.forget(submission);
  }

  /** Outcomes came in: what died before was not the work's fault alone. */
  progressed(succeeded: boolean): void {
    this.#refusals = 0;
    this.#stillborn = 0;
    if (succeeded) this.#deaths = 0;
  }

  /**
   * Supervises no more. Workers are stopped, and waited for, unless somebody else's submission has something left to do: then
   * they are left to themselves, and to the next supervisor.
   */
  async stop(): Promise<void> {
    const fleet = await this.#halt();
    // Where the store is no more, nobody has anything left to do.
    const needed = await this.#say("closed").then(
      () => this.#othersNeed(),
      () => false,
    );
    if (!needed) await fleet?.stopAll(exitPatience);
    await fleet?.leave();
  }

  /** Supervises no more, and leaves the workers to themselves. @param because What it says of itself. */
  async leave(because: "detached" | "over" = "detached"): Promise<void> {
    const fleet = await this.#halt();
    await this.#say(because);
    await fleet?.leave();
  }

  /** What is under way comes to its end, and nothing more begins. */
  async #halt(): Promise<Fleet | undefined> {
    this.#stopping = true;
    this.#stop.abort();
    this.#cancelPlan();
    await this.#standing;
    await this.#planning;
    return this.#fleet;
  }

  /**
   * Its last word frees its place at once. Whoever comes then may count on what is in the ledger by now having been seen: it is
   * read again behind the word.
   */
  async #othersNeed(): Promise<boolean> {
    const { view } = this.#options;
    if (!this.#fleet) return true;
    await view.follow();
    const { paused, removed } = view.current;
    const { others } = this.#remaining;
    if (paused || removed || others.length === 0) return false;
    return others.some(({ ended }) => !ended) || (await this.#remaining.ofOthers()) > 0;
  }

  /** The last word of who supervised, and of nobody else. Said once. */
  #say(reason: "closed" | "detached" | "over" | "failed"): Promise<void> {
    const { facts, keys, client, view } = this.#options;
    if (!this.#supervised || view.current.removed) return Promise.resolve();
    const failure = this.#failure ? { reason: "failed", message: this.#failure.message } : { reason };
    return (this.#word ??= facts.create(keys.gone(client), jsonBody({ v: 1, ...failure, by: client })).then(ignore));
  }

  #stand(): void {
    this.#supervised ||= this.#fleet !== undefined;
    this.#standing ??= this.#serve().catch((error: unknown) => this.#fail(error));
  }

  async #serve(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#failure) {
      this.#fleet ??= await this.#campaign();
      if (this.#fleet) await this.#supervise(this.#fleet);
    }
  }

  /** A candidate looks now and then who supervises, and takes the place of who is gone. undefined: it was told to end. */
  async #campaign(): Promise<Fleet | undefined> {
    const { runtime, facts } = this.#options;
    const { signal } = this.#stop;
    const wait = Math.min(this.#period, facts.store.pace.poll[1]);
    while (!signal.aborted && !this.#options.view.current.removed) {
      const sight = await this.#lease.look();
      if (signal.aborted) return undefined;
      if (sight.state !== "gone") await runtime.sleep(sight.state === "late" ? this.#lease.again : wait, signal);
      else if (await this.#lease.take(sight)) return this.#succeed();
    }
    await idleUntil(signal);
    return undefined;
  }

  /** Recovers what the one before left. */
  async #succeed(): Promise<Fleet> {
    const { view } = this.#options;
    this.#supervised = true;
    const fleet = this.#newFleet();
    await view.follow();
    const { paused, removed, cancelled } = view.current;
    const wanted = !this.#stopping && !paused && !removed && !cancelled && (await this.#mayHaveWork());
    // Each of those who died so far may have crashed; exactly that is asked for when it matters.
    this.#deaths = await fleet.adopt(wanted);
    this.#watch(fleet);
    return fleet;
  }

  async #mayHaveWork(): Promise<boolean> {
    const { own } = this.#remaining;
    return own.open || own.chunks > 0 || this.#awaitsFirst() || (await this.#remaining.ofOthers()) > 0;
  }

  /** Nothing was submitted yet, and somebody is about to. */
  #awaitsFirst(): boolean {
    return this.#options.keeps === true && this.#options.view.current.submissions.length === 0;
  }

  #newFleet(): Fleet {
    const { facts, keys, runtime, backend, session, client } = this.#options;
    return new Fleet({
      facts,
      keys,
      runtime,
      backend,
      session,
      client,
      launches: this.#launches,
      period: this.#period,
      ended: (status, lives) => this.#ended(status, lives),
      changed: () => this.#plan(),
    });
  }

  /** Looks at the ledger with waits that grow, and each period at everything, until somebody takes the place, or it ends. */
  async #supervise(fleet: Fleet): Promise<void> {
    const { runtime, facts, view } = this.#options;
    const { signal } = this.#stop;
    const [shortest, longest] = facts.store.pace.poll;
    this.#plan();
    let next = runtime.monotonic() + this.#period;
    let known = view.current.rev;
    let { looks } = view;
    for (let wait = shortest; ;) {
      await runtime.sleep(Math.max(1, Math.min(wait, longest, next - runtime.monotonic())), signal);
      if (signal.aborted || this.#failure || this.#fleet !== fleet) return;
      const { rev } = view.current;
      // A collector that waits for outcomes looks as well.
      if (view.looks === looks) await view.follow();
      looks = view.looks;
      wait = view.current.rev === rev ? wait * 2 : shortest;
      if (view.current.rev !== known) this.#plan();
      known = view.current.rev;
      if (runtime.monotonic() < next) continue;
      if (!(await this.#lease.isOurs())) return this.#stepDown(fleet);
      const due = await this.#enforce(fleet);
      next = runtime.monotonic() + Math.max(1, Math.min(this.#period, due));
      this.#plan();
    }
  }

  async #enforce(fleet: Fleet): Promise<number> {
    const due = await this.#enforcement.enforce();
    const needed = async () =>
      this.#options.view.current.submissions.some(({ ended }) => !ended) || this.#mayHaveWork();
    return Math.min(due, await this.#spending.keepUp(fleet.live.length, needed));
  }

  /** Somebody took the place of this client, which was silent for long: what it knows of the fleet is old. */
  async #stepDown(fleet: Fleet): Promise<void> {
    if (this.#fleet === fleet) this.#fleet = undefined;
    await fleet.leave();
  }

  #plan(): void {
    this.#planning = this.#planning.then(() => this.#planOnce()).catch((error: unknown) => this.#fail(error));
  }

  async #planOnce(): Promise<void> {
    const fleet = this.#fleet;
    const { paused, removed } = this.#options.view.current;
    if (!fleet || this.#stopping || this.#failure || paused || removed) return;
    const { stop, launch, because, again } = await this.#decide(fleet);
    if (stop.length > 0) await fleet.stop(stop);
    if (launch > 0) await this.#launchWave(fleet, launch, because);
    if (again !== undefined) this.#planAfter(again);
  }

  /** The store is asked only for what would change the plan. */
  async #decide(fleet: Fleet): Promise<FleetPlan> {
    this.#forgetIdle();
    const { own, others } = this.#remaining;
    const open = own.open || this.#awaitsFirst();
    const plan = this.#planFor(fleet, { chunks: own.chunks, open });
    const short = fleet.live.length < this.#limit;
    if (plan.stop.length > 0 || !short || (plan.launch === 0 && others.length === 0)) return plan;
    await this.#learnWhyLeft();
    if (this.#idle > 0) return this.#planFor(fleet, { chunks: await this.#remaining.ofAll(), open });
    const filled = fleet.live.length + plan.launch >= this.#limit || open;
    if (filled || others.length === 0) return plan;
    return this.#planFor(fleet, { chunks: own.chunks + (await this.#remaining.ofOthers()), open });
  }

  #planFor(fleet: Fleet, { chunks, open }: { readonly chunks: number; readonly open: boolean }): FleetPlan {
    const { backend, spec, runtime } = this.#options;
    const { capabilities } = backend;
    return planFleet(
      {
        chunks,
        open,
        live: fleet.live,
        slots: spec.slots ?? capabilities.slots,
        failures: this.#refusals + this.#stillborn,
        sinceLaunch: runtime.monotonic() - this.#lastLaunch,
        idle: this.#idle,
      },
      { workers: this.#wish, maxWorkers: capabilities.maxWorkers },
    );
  }

  get #wish(): number {
    const { workers, view } = this.#options;
    return Math.max(workers, view.current.session.fleet?.workers ?? 0);
  }

  get #limit(): number {
    return Math.min(this.#wish, this.#options.backend.capabilities.maxWorkers);
  }

  /** Who found nothing to do may find something again. */
  #forgetIdle(): void {
    const { chunks, grants, submissions, paused } = this.#options.view.current;
    const known = `${chunks} ${grants} ${submissions.length} ${paused === undefined}`;
    if (known === this.#known) return;
    this.#known = known;
    this.#idle = 0;
    this.#left = [];
  }

  async #learnWhyLeft(): Promise<void> {
    const { facts, keys } = this.#options;
    for (const seat of this.#left.splice(0)) if ((await lastReason(facts, keys, seat)) === "idle") this.#idle++;
  }

  /** Workers that left because all is done are not replaced, though their outcomes may not be collected yet. */
  async #isOver(): Promise<boolean> {
    const { facts, keys, view } = this.#options;
    return this.#launches.decided > 0 && (await facts.get(keys.over(view.current.rev))) !== undefined;
  }

  /** One wait at a time, the shortest: what it brings decides again when to look next. */
  #planAfter(ms: number): void {
    const { runtime } = this.#options;
    const at = runtime.monotonic() + ms;
    if (this.#stopping || this.#nextPlan <= at) return;
    this.#cancelPlan();
    this.#nextPlan = at;
    this.#cancelPlan = runtime.timer(ms, () => {
      this.#nextPlan = Number.POSITIVE_INFINITY;
      this.#plan();
    });
  }

  async #launchWave(fleet: Fleet, wanted: number, because: string): Promise<void> {
    const { runtime, view } = this.#options;
    const began = runtime.monotonic();
    const [ours, over] = await Promise.all([this.#lease.isOurs(), this.#isOver()]);
    if (!ours) return this.#stepDown(fleet);
    if (over) return;
    const count = await this.#spending.allow(fleet.live.length, wanted);
    if (count === 0 || view.current.paused) return;
    const { rev, submissions } = view.current;
    const kind = this.#kind ?? submissions.at(-1)?.task.kind ?? "function";
    const launch = await this.#launches.decide({ count, because, workers: this.#limit, rev, kind });
    // Decided by somebody else: by a successor, or late by the one before.
    if (!launch) return (await this.#lease.isOurs()) ? this.#plan() : this.#stepDown(fleet);
    // What took long may have been slept through.
    if (runtime.monotonic() - began > this.#period && !(await this.#lease.isOurs())) return this.#stepDown(fleet);
    this.#lastLaunch = runtime.monotonic();
    this.#watch(fleet);
    const result = await this.#launches.carryOut(launch.n, launch.fact, fleet.signal);
    fleet.launched(launch.n, result);
    this.#judge(fleet, result);
  }

  /** Not before there is somebody to watch: looking would hold a first launch up. */
  #watch(fleet: Fleet): void {
    fleet.watch().catch((error: unknown) => this.#fail(error));
  }

  #judge(fleet: Fleet, { started, refused }: LaunchResult): void {
    const refusal = refused[0];
    if (!refusal) {
      this.#refusals = 0;
      return;
    }
    if (started.length === 0 && fleet.live.length === 0 && isLasting(refusal.kind)) {
      this.#fail(
        new SkyburstError("workers", `No worker can be started on ${this.#options.backend.name}: ${refusal.message}`),
      );
      return;
    }
    this.#refusals++;
    this.#planAfter(refusal.retryAfter ?? firstRetry * 2 ** Math.min(this.#refusals, 8));
  }

  async #ended({ id, launch, slot, exit }: WorkerStatus, lives: number | undefined): Promise<void> {
    if (lives === undefined) this.#left.push({ launch, slot });
    if (exit?.reason !== "error" && exit?.reason !== "oom") return;
    if (lives === 0) await this.#countStillborn(id);
    else await this.#countDeath();
  }

  /** In a row: nobody was born between. */
  async #countStillborn(id: string): Promise<void> {
    const { backend, facts, keys } = this.#options;
    const births = (await listAll(facts, keys.births)).entries.length;
    this.#stillborn = births > this.#births ? 1 : this.#stillborn + 1;
    this.#births = births;
    if (this.#stillborn < launchLimit) return;
    const said = (await backend.logs?.(id))?.trim();
    this.#fail(
      new SkyburstError(
        "workers",
        `Workers on ${backend.name} end before they work.${said ? ` The last one said: ${said.slice(-2000)}` : ""}`,
      ),
    );
  }

  /** What was counted here may be too many: before anybody is stopped for it, the facts are. */
  async #countDeath(): Promise<void> {
    const { facts, keys, view } = this.#options;
    const { crashBudget } = view.current.session;
    if (++this.#deaths < crashBudget || view.current.paused) return;
    this.#deaths = await deathsInARow(facts, keys, view.current);
    if (this.#deaths < crashBudget) return;
    const message = `${this.#deaths} workers in a row died without one success`;
    await view.append({
      operations: [{ op: "pause", because: "crashes", message }],
      admissible: (ledger: Ledger) => !ledger.paused,
    });
  }

  /** Nothing helps any more: says so at once, to this client and to all others. */
  #fail(why: unknown): void {
    if (this.#failure || this.#stop.signal.aborted) return;
    this.#failure =
      why instanceof SkyburstError
        ? why
        : new SkyburstError("workers", `Workers on ${this.#options.backend.name} can't be kept: ${messageOf(why)}`, {
            cause: why,
          });
    // Where even that can't be written, the silence says it.
    this.#say("failed").catch(ignore);
  }
}

/** Refusals that waiting does not mend. */
function isLasting(kind: string): boolean {
  return kind === "option" || kind === "permission" || kind === "image";
}

function idleUntil(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ignore(): void {
  // Nobody waits.
}

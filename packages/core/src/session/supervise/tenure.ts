import type { WorkerStatus } from "../../backend.ts";
import type { FleetPlan } from "../../plan-fleet.ts";
import type { CommitHeader } from "../../protocol/commit.ts";
import { Births } from "./births.ts";
import { Enforcement } from "./enforcement.ts";
import { Fleet } from "./fleet.ts";
import { fleetState } from "./fleet-state.ts";
import type { FleetState } from "./fleet-state.ts";
import { IdleWorkers } from "./idle-workers.ts";
import { FirstWorker } from "./first-worker.ts";
import { PlanQueue } from "./plan-queue.ts";
import { Planner } from "./planner.ts";
import { Refusals } from "./refusals.ts";
import { Room } from "./room.ts";
import { Setbacks } from "./setbacks.ts";
import type { TenureOptions } from "./supervisor-options.ts";
import { Waves } from "./waves.ts";

/** What a backend's workers take to start when it does not say, and how long nobody coming to work is waited for; milliseconds. */
const usualStartup = 1000;
const usualStartTimeout = 600_000;

/**
 * The time for which a client supervises, from taking the lease to losing it or leaving. Plans the fleet, one plan at a time, and
 * launches it in waves.
 */
export class Tenure {
  readonly #options: TenureOptions;
  readonly #fleet: Fleet;
  readonly #setbacks: Setbacks;
  readonly #idle: IdleWorkers;
  readonly #births: Births;
  readonly #refusals: Refusals;
  readonly #room: Room;
  readonly #enforcement: Enforcement;
  readonly #planner: Planner;
  readonly #waves: Waves;
  readonly #first: FirstWorker;
  readonly #plans: PlanQueue;
  readonly #stop = new AbortController();
  #newest: FleetPlan | undefined;
  #nextPayment = Number.NEGATIVE_INFINITY;

  constructor(options: TenureOptions) {
    const { facts, keys, runtime, view, backend, period, spending } = options;
    const { startup = usualStartup, startTimeout = usualStartTimeout } = backend.capabilities;
    this.#options = options;
    this.#setbacks = new Setbacks(options);
    this.#idle = new IdleWorkers(facts, keys);
    this.#enforcement = new Enforcement(options);
    this.#births = new Births({ facts, keys, runtime, period, startup });
    this.#refusals = new Refusals(runtime, period);
    this.#room = new Room(options);
    this.#plans = new PlanQueue(runtime, () => this.#planOnce(), options.failed);
    this.#fleet = new Fleet({
      ...options,
      // Of a price that can't be asked for, it is told all the same: what a worker cost is counted later.
      pays: () =>
        spending.rate().then(
          (rate = 0) => rate > 0,
          () => true,
        ),
      ended: (status, lives) => this.#ended(status, lives),
      changed: () => this.plan(),
    });
    const parts = {
      ...options,
      fleet: this.#fleet,
      births: this.#births,
      refusals: this.#refusals,
      room: this.#room,
    };
    this.#first = new FirstWorker(parts, view.current.session.startTimeout ?? startTimeout);
    this.#waves = new Waves({ ...parts, isOurs: () => this.#isOurs(), watch: () => this.#watch() });
    this.#planner = new Planner({
      ...parts,
      setbacks: this.#setbacks,
      idle: this.#idle,
      awaitsFirst: () => this.#awaitsFirst(),
      sinceLaunch: () => this.#waves.sinceLaunch,
    });
  }

  get live(): number {
    return this.#fleet.live.size;
  }

  /** undefined: nothing was planned yet. */
  get state(): FleetState | undefined {
    return this.#newest && fleetState(this.#newest, this.#fleet, this.#births, this.#refusals);
  }

  /** A submission of this client begins, or goes on: who left because there was nothing to do may be missed. */
  expect(): void {
    this.#idle.forget();
    this.plan();
  }

  /** A commit was read: what died before was not the work's fault alone, and whoever wrote it came to work. */
  progressed({ worker, succeeded }: CommitHeader): void {
    this.#setbacks.progressed(succeeded > 0);
    const [, launch, slot] = /^(\d+)\.(\d+)\./.exec(worker) ?? [];
    if (launch !== undefined) this.#births.note({ launch: Number(launch), slot: Number(slot) });
  }

  /** Takes over from who supervised before. @param ends It is not to last: what was decided is not to be done. */
  async adopt(ends: boolean): Promise<void> {
    const { view } = this.#options;
    await view.follow();
    const { paused, removed, cancelled } = view.current;
    const wanted = !ends && !paused && !removed && !cancelled && (await this.#mayHaveWork());
    const { born, gone, answers } = await this.#fleet.adopt(wanted);
    for (const seat of born) this.#births.note(seat);
    for (const { asked, result } of answers) this.#refusals.judge(asked, result, true);
    this.#setbacks.inherit(gone);
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
    await this.#plans.rest();
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
    this.#plans.add();
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
    if (this.#stop.signal.aborted || this.#stands) return;
    await this.#keepPaid();
    if (this.#stands) return;
    const plan = await this.#planner.decide();
    this.#newest = plan;
    if (plan.stop.length > 0) await this.#fleet.stop(plan.stop);
    if (plan.launch > 0 && (await this.#waves.launch(plan, this.#planner.limit))) this.plan();
    if (plan.again !== undefined) this.#plans.after(plan.again);
    if (plan.wanted === 0) this.#first.forget();
    else await this.#expectSomebody();
  }

  /** Nobody is launched: then nobody is late, either. */
  get #stands(): boolean {
    const { lost, current } = this.#options.view;
    const stands = lost !== undefined || current.paused !== undefined || current.removed === true;
    if (stands) this.#first.forget();
    return stands;
  }

  /** Between two plans and not beside one: money must not be promised twice. */
  async #keepPaid(): Promise<void> {
    const { spending, view, runtime, period } = this.#options;
    if (runtime.monotonic() < this.#nextPayment) return;
    const needed = async () => view.current.submissions.some(({ ended }) => !ended) || this.#mayHaveWork();
    const due = Math.max(1, await spending.keepUp([...this.#fleet.live.values()], needed));
    this.#nextPayment = runtime.monotonic() + Math.min(period, due);
    if (due < period) this.#plans.after(due);
  }

  async #expectSomebody(): Promise<void> {
    const left = await this.#first.expect();
    if (left < this.#options.period) this.#plans.after(left);
  }

  /** Not before there is somebody to watch: looking would hold a first launch up. */
  #watch(): void {
    this.#fleet.watch().catch((error: unknown) => this.#options.failed(error));
  }

  async #ended({ id, launch, slot, exit }: WorkerStatus, lives: number | undefined): Promise<void> {
    this.#refusals.freed();
    this.#room.freed();
    if (lives === undefined) this.#idle.left({ launch, slot });
    if (exit?.reason !== "error" && exit?.reason !== "oom") return;
    if (lives !== 0) return this.#setbacks.countDeath();
    const hopeless = await this.#setbacks.countStillborn(id);
    if (hopeless) this.#options.failed(hopeless);
  }
}

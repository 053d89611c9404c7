import type { FleetPlan } from "../../plan-fleet.ts";
import type { CommitHeader } from "../../protocol/commit.ts";
import { Crew } from "./fleet/crew.ts";
import { Enforcement } from "./enforcement.ts";
import { FirstWorker } from "./fleet/first-worker.ts";
import type { FleetState } from "./fleet/fleet-state.ts";
import { PlanQueue } from "./plan-queue.ts";
import { Planner } from "./launch/planner.ts";
import type { TenureOptions } from "./supervisor-options.ts";
import { Waves } from "./launch/waves.ts";
import { endCancelled } from "./work/end-cancelled.ts";

/** For how long nobody coming to work is waited for when neither session nor backend says, in milliseconds. */
const usualStartTimeout = 600_000;

/**
 * The time for which a client supervises, from taking the lease to losing it or leaving. Plans the fleet, one plan at a time, and
 * launches it in waves.
 */
export class Tenure {
  readonly #options: TenureOptions;
  readonly #crew: Crew;
  readonly #enforcement: Enforcement;
  readonly #planner: Planner;
  readonly #waves: Waves;
  readonly #first: FirstWorker;
  readonly #plans: PlanQueue;
  readonly #stop = new AbortController();
  #newest: FleetPlan | undefined;
  #nextPayment = Number.NEGATIVE_INFINITY;

  constructor(options: TenureOptions) {
    const { runtime, view, backend } = options;
    this.#options = options;
    this.#enforcement = new Enforcement(options);
    // What comes to nothing because nobody plans any more is no failure.
    const failed = (why: unknown) => void (this.#stop.signal.aborted || options.failed(why));
    this.#plans = new PlanQueue(runtime, () => this.#planOnce(), failed);
    this.#crew = new Crew(options, () => this.plan());
    const { fleet, births, refusals, room, setbacks, idle, needs } = this.#crew;
    const parts = { ...options, fleet, births, refusals, room, needs };
    const { startTimeout = backend.capabilities.startTimeout ?? usualStartTimeout } = view.current.session;
    this.#first = new FirstWorker(parts, startTimeout);
    this.#waves = new Waves({
      ...parts,
      isOurs: () => this.#isOurs(),
      unwanted: this.#stop.signal,
      watch: () => this.#crew.watch(),
    });
    this.#planner = new Planner({
      ...parts,
      setbacks,
      idle,
      awaitsFirst: () => this.#awaitsFirst(),
      sinceLaunch: () => this.#waves.sinceLaunch,
    });
  }

  get live(): number {
    return this.#crew.fleet.live.size;
  }

  /** undefined: nothing was planned yet. */
  get state(): FleetState | undefined {
    return this.#newest && this.#crew.state(this.#newest);
  }

  /** A submission of this client begins, or goes on: who left because there was nothing to do may be missed. */
  expect(): void {
    this.#crew.idle.forget();
    this.plan();
  }

  progressed(commit: CommitHeader): void {
    this.#crew.progressed(commit);
  }

  /** Takes over from who supervised before. @param ends It is not to last: what was decided is not to be done. */
  async adopt(ends: boolean): Promise<void> {
    const { view } = this.#options;
    await view.follow();
    const { paused, removed, cancelled } = view.current;
    await this.#crew.adopt(!ends && !paused && !removed && !cancelled && (await this.#mayHaveWork()));
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
    await this.#crew.fleet.stopAll(patience);
  }

  /** Leaves the workers to themselves. */
  async leave(): Promise<void> {
    await this.rest();
    await this.#crew.fleet.leave();
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
    await this.#crew.giveUpSilent();
    const plan = await this.#planner.decide();
    this.#newest = plan;
    if (this.#planner.unpaid && this.#options.view.current.cancelled) await endCancelled(this.#options);
    if (plan.stop.length > 0) await this.#crew.fleet.stop(plan.stop);
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
    const due = Math.max(1, await spending.keepUp([...this.#crew.fleet.live.values()], needed));
    this.#nextPayment = runtime.monotonic() + Math.min(period, due);
    if (due < period) this.#plans.after(due);
  }

  async #expectSomebody(): Promise<void> {
    const left = await this.#first.expect();
    if (left < this.#options.period) this.#plans.after(left);
  }
}

import type { Backend, WorkerSpec } from "../../../backend.ts";
import { planFleet } from "../../../plan-fleet.ts";
import type { FleetPlan } from "../../../plan-fleet.ts";
import type { FleetObservation } from "../../../plan-fleet-observation.ts";
import { finishWith } from "../../../plan-fleet-repay.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { Runtime } from "../../../runtime.ts";
import type { LedgerView } from "../../ledger-view.ts";
import type { Births } from "../fleet/births.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { IdleWorkers } from "../fleet/idle-workers.ts";
import type { Refusals } from "./refusals.ts";
import type { Left, RemainingWork } from "../work/remaining.ts";
import type { Room } from "./room.ts";
import type { Setbacks } from "../fleet/setbacks.ts";
import type { Means, Spending } from "../money/spending.ts";

export interface PlannerOptions {
  readonly facts: Facts;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  readonly workers: number;
  readonly period: number;
  readonly remaining: RemainingWork;
  readonly spending: Spending;
  readonly fleet: Fleet;
  readonly births: Births;
  readonly refusals: Refusals;
  readonly room: Room;
  readonly setbacks: Setbacks;
  readonly idle: IdleWorkers;
  /** Nothing was submitted yet, and somebody is about to. */
  readonly awaitsFirst: () => boolean;
  /** Milliseconds since the last launch. */
  readonly sinceLaunch: () => number;
}

const noLimit: Means = { rate: undefined, most: Number.POSITIVE_INFINITY, affordable: Number.POSITIVE_INFINITY };

/** What is asked for a plan only when it may change it. */
type Asked = Pick<FleetObservation, "affordable" | "capacity" | "untilDeadline">;

/** Makes a plan of what is known, and asks the store and the provider for what would change it. */
export class Planner {
  readonly #options: PlannerOptions;
  #means: Means = noLimit;
  #unpaid = false;
  /** As many tasks as were left when something was last known to have ended, and when that was. */
  #progress = { tasks: -1, at: 0 };

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Workers that there may be at a time. */
  get limit(): number {
    const { workers, maxWorkers } = this.#policy;
    return Math.min(workers, maxWorkers, this.#means.most);
  }

  /** As of the last plan, there is work, nobody lives who does it, and the money pays for nobody. */
  get unpaid(): boolean {
    return this.#unpaid;
  }

  async decide(): Promise<FleetPlan> {
    const { view, fleet, births } = this.#options;
    const { budget, maxRate } = view.current.session;
    if (maxRate) await this.#learnMeans();
    const left = this.#trusted(await this.#learnLeft());
    const plan = this.#plan(left);
    const waits = this.#isShort && plan.wanted > fleet.live.size;
    this.#unpaid = false;
    if (plan.launch === 0 && plan.stop.length === 0 && !waits) return plan;
    if (left.work || budget) await this.#learnMeans();
    this.#unpaid = left.chunks > 0 && fleet.live.size === 0 && this.#means.affordable < 1;
    if ((left.work || plan.stop.length > 0) && births.pending(fleet.live).length > 0) await births.look();
    const asked = this.#plan(left, await this.#ask(left));
    const again = Math.min(asked.again ?? Number.POSITIVE_INFINITY, this.#options.period / 2);
    return waits && asked.launch === 0 ? { ...asked, again } : asked;
  }

  /** The provider did not give all, or said a while ago how much it has. */
  get #isShort(): boolean {
    const { refusals, room } = this.#options;
    return refusals.newest !== undefined || room.newest !== undefined;
  }

  async #learnMeans(): Promise<void> {
    const { spending, view, fleet } = this.#options;
    const { budget, maxRate } = view.current.session;
    if (budget || maxRate) this.#means = await spending.means([...fleet.live.values()]);
    // Where nothing is to be held to, a price that can't be asked for is one that nobody knows.
    else this.#means = { ...noLimit, rate: await spending.rate().catch(() => undefined) };
  }

  async #ask({ work }: Left): Promise<Asked> {
    const { facts, view, room, fleet } = this.#options;
    const { deadline } = view.current.session;
    return {
      // What could be paid a while ago is no reason not to ask.
      affordable: finite(this.#means.affordable),
      // Before anything was refused a launch tells as much, and holds nobody up.
      capacity: this.#isShort ? await room.ask(fleet.signal) : undefined,
      untilDeadline: deadline === undefined || !work ? undefined : deadline - (await facts.now()),
    };
  }

  /** What is left, as far as it matters to a plan. */
  async #learnLeft(): Promise<Left> {
    const { remaining, view, idle, fleet, births, awaitsFirst } = this.#options;
    idle.follow(view.current);
    const { own, others } = remaining;
    const left = { ...own, open: own.open || awaitsFirst() };
    // Of this client's own work, commits tell who came to work.
    if (others.length > 0 && births.pending(fleet.live).length > 0) await births.look();
    const { launch, stop } = this.#plan(left);
    const live = fleet.live.size;
    if (stop.length > 0 || (launch === 0 && others.length === 0)) return left;
    if (live >= this.limit) return others.length > 0 ? this.#enough(left) : left;
    if ((await idle.ask()) > 0) return { ...(await remaining.leftOfAll()), open: left.open };
    if (left.open || others.length === 0 || live + launch >= this.limit) return left;
    const theirs = await remaining.leftOfOthers();
    return { chunks: own.chunks + theirs.chunks, open: false, work: sumOf(own.work, theirs.work) };
  }

  /** There may be no more workers than there are: what others have left is taken to be enough for them, and not asked for. */
  #enough({ chunks, open }: Left): Left {
    const { fleet, spec, backend } = this.#options;
    return { chunks: Math.max(chunks, fleet.live.size * (spec.slots ?? backend.capabilities.slots)), open };
  }

  /** Where nothing has ended for twice the time in which all should have, what was measured says nothing of the rest. */
  #trusted(left: Left): Left {
    const { runtime, period } = this.#options;
    const now = runtime.monotonic();
    if (!left.work) return left;
    if (left.work.tasks !== this.#progress.tasks) this.#progress = { tasks: left.work.tasks, at: now };
    const expected = finishWith(this.#observe(left), 0);
    const late = expected !== undefined && now - this.#progress.at > Math.max(period, 2000 * expected);
    return late ? { ...left, work: undefined } : left;
  }

  #plan(left: Left, asked: Asked = {}): FleetPlan {
    return planFleet(this.#observe(left, asked), { ...this.#policy, mostPaid: finite(this.#means.most) });
  }

  #observe(left: Left, { affordable, capacity, untilDeadline }: Asked = {}): FleetObservation {
    const { backend, spec, fleet, births, refusals, setbacks, idle, sinceLaunch } = this.#options;
    const { slots, minimumBilling } = backend.capabilities;
    return {
      ...left,
      live: [...fleet.live.keys()],
      pending: births.pending(fleet.live),
      slots: spec.slots ?? slots,
      startup: births.startup,
      minimumBilling,
      rate: this.#means.rate,
      capacity,
      refused: refusals.observe(capacity),
      affordable,
      failures: setbacks.failures,
      sinceLaunch: sinceLaunch(),
      idle: idle.count,
      untilDeadline,
    };
  }

  get #policy() {
    const { workers, view, backend } = this.#options;
    const wish = Math.max(workers, view.current.session.fleet?.workers ?? 0);
    return { workers: wish, maxWorkers: backend.capabilities.maxWorkers };
  }
}

function sumOf(one: Left["work"], other: Left["work"]): Left["work"] {
  return one && other && { tasks: one.tasks + other.tasks, seconds: one.seconds + other.seconds };
}

function finite(count: number): number | undefined {
  return Number.isFinite(count) ? count : undefined;
}

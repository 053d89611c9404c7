import type { WorkerSpec } from "../../../backend.ts";
import type { CostEstimator } from "../../../costs.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Budget, Ledger } from "../../../protocol/ledger.ts";
import type { Runtime } from "../../../runtime.ts";
import { shownMoney } from "../../budget.ts";
import type { LedgerView } from "../../ledger-view.ts";
import { workerRate, workersWithin } from "../../worker-rate.ts";
import { Accounts } from "./accounts.ts";
import type { LiveWorker } from "./accounts.ts";
import { moreUntil, paidUntil, spentBy } from "./bill.ts";
import type { Bill } from "./bill.ts";

export interface SpendingOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly costs: CostEstimator;
  readonly spec: WorkerSpec;
  readonly client: string;
  /** The shortest time for which a worker is worth being paid, in milliseconds. */
  readonly least: number;
  /** The shortest time of a worker that is billed, in milliseconds. Default 0. */
  readonly minimumBilling?: number | undefined;
}

/** What a planner has to know of money. */
export interface Means {
  /** What one worker costs per hour, at most. 0: nothing; undefined: nobody knows. */
  readonly rate: number | undefined;
  /** Most workers at a time that `maxRate` allows. Infinite without one. */
  readonly most: number;
  /** Workers that `maxRate` and the budget pay for in all, those who live included. Infinite without both. */
  readonly affordable: number;
}

/** How far a horizon is moved ahead at most, in milliseconds: a supervisor that dies leaves so much time to its successor. */
const farthest = 300_000;

/**
 * Keeps a session within its budget and its rate. A horizon is a lease on money: it says until when so many workers are paid for, and
 * workers leave at it, so that nothing is spent that a supervisor did not count. Where no money is agreed on, it asks the store for nothing.
 */
export class Spending {
  readonly #options: SpendingOptions;
  readonly #accounts: Accounts;
  #rate: Promise<number | undefined> | undefined;
  /** What the largest worker is made of: every one is counted as if it cost as much. */
  #spec: WorkerSpec;

  constructor(options: SpendingOptions) {
    this.#options = options;
    this.#spec = options.spec;
    this.#accounts = new Accounts(options);
  }

  /**
   * What money says of the fleet's size, as of a moment ago. @param live Workers that start or run, by the provider's word.
   *
   * @throws {SkyburstError} `option` when a limit can't be held to, or pays for no worker.
   */
  async means(live: readonly LiveWorker[]): Promise<Means> {
    const rate = await this.rate();
    const most = await this.#most();
    const { budget } = this.#options.view.current.session;
    if (!budget) return { rate, most, affordable: most };
    const bill = await this.#bill(budget, live, this.#options.least);
    return { rate, most, affordable: Math.min(most, bill.starts.length + this.#more(bill, budget.amount)) };
  }

  /** From now on there are workers with so many bytes. */
  raise(memory: number): void {
    if (memory <= (this.#spec.memory ?? 0)) return;
    this.#spec = { ...this.#spec, memory };
    this.#rate = undefined;
  }

  /** What one worker costs per hour, at most. 0: nothing; undefined: nobody knows. */
  rate(): Promise<number | undefined> {
    const { costs } = this.#options;
    return (this.#rate ??= costs.worker(this.#spec).then((rate) => rate && (rate.range?.[1] ?? rate.amount)));
  }

  /** How many of the workers that are wanted beside those who live the money pays for. Their horizon is in the ledger when this resolves. */
  async allow(live: readonly LiveWorker[], wanted: number): Promise<number> {
    const { budget } = this.#options.view.current.session;
    const room = Math.max(0, Math.min(wanted, (await this.#most()) - live.length));
    if (!budget) return room;
    const bill = await this.#bill(budget, live);
    const more = Math.min(room, this.#more(bill, budget.amount));
    if (more > 0 && bill.rate > 0) await this.#promise(bill, budget, more);
    return more;
  }

  /**
   * Moves the horizon of those who live, says when spending has come to `warnAt`, and pauses the session when nothing is left to pay
   * anybody with. Resolves with the milliseconds until something is due. `needed`: there is something left to do.
   */
  async keepUp(live: readonly LiveWorker[], needed: () => Promise<boolean>): Promise<number> {
    const { paused, cancelled, removed, session, warned } = this.#options.view.current;
    if (paused || cancelled || removed) return Infinity;
    const { budget, warnAt } = session;
    const warning =
      warnAt && warned === undefined ? await this.#warn(await this.#bill(warnAt, live), warnAt) : Infinity;
    // What was just read for the warning is good for the budget.
    const age = Number.isFinite(warning) ? this.#options.least : 0;
    const paying = budget ? await this.#keepWithin(budget, await this.#bill(budget, live, age), needed) : Infinity;
    return Math.min(warning, paying);
  }

  async #keepWithin(budget: Budget, bill: Bill, needed: () => Promise<boolean>): Promise<number> {
    const { view, least } = this.#options;
    const { now, starts, rate } = bill;
    const until = view.current.horizon?.until ?? now;
    // With nobody there, what would pay for one.
    const reach = paidUntil(bill, budget.amount, starts.length === 0 ? 1 : 0);
    if (reach < now + least && (reach <= now || until <= now)) {
      if (await needed()) await this.#pause(bill, budget);
      return Infinity;
    }
    const due = until - now < farthest / 2 || starts.length > (view.current.horizon?.workers ?? 0);
    if (starts.length > 0 && rate > 0 && due) await this.#promise(bill, budget, 0);
    const reached = (view.current.horizon?.until ?? Infinity) - now;
    return reached > 0 ? reached : Infinity;
  }

  async #most(): Promise<number> {
    const { costs, view } = this.#options;
    const { maxRate } = view.current.session;
    return maxRate ? workersWithin(maxRate, await workerRate(costs, this.#spec, maxRate, "maxRate")) : Infinity;
  }

  /** A nearer horizon than the one that was promised would not reach everybody. */
  #more(bill: Bill, amount: number): number {
    const until = this.#options.view.current.horizon?.until ?? bill.now;
    return moreUntil(bill, amount, Math.max(bill.now + this.#options.least, until));
  }

  /** @param age Milliseconds for which what was read before is good enough. */
  async #bill(limit: Budget, live: readonly LiveWorker[], age = 0): Promise<Bill> {
    const { costs, view, minimumBilling = 0 } = this.#options;
    const name = limit === view.current.session.warnAt ? "warnAt" : "budget";
    const rate = (await workerRate(costs, this.#spec, limit, name)) / 3_600_000;
    return { ...(await this.#accounts.read(limit.currency, live, age)), rate, minimum: minimumBilling };
  }

  /** Forward, by what is worth an entry; back only when more workers live than it was promised to. */
  async #promise(bill: Bill, { amount }: Budget, more: number): Promise<void> {
    const { view, least } = this.#options;
    const { now } = bill;
    const before = view.current.horizon;
    const workers = bill.starts.length + more;
    const until = Math.floor(Math.min(now + farthest, paidUntil(bill, amount, more)));
    const known = before?.until ?? Number.NEGATIVE_INFINITY;
    const grows = workers > (before?.workers ?? 0) && known > now;
    if (!Number.isFinite(until) || (known > now && !grows && until < known + least)) return;
    await view.append({
      operations: [{ op: "horizon", until, workers }],
      // What was cancelled is brought to its end by workers, too.
      admissible: (current) =>
        current.paused === undefined && (current.horizon?.until ?? Number.NEGATIVE_INFINITY) === known,
    });
  }

  /** Resolves with the milliseconds until it may be due, if nobody comes and nobody goes. */
  async #warn(bill: Bill, warnAt: Budget): Promise<number> {
    const spent = spentSoFar(bill);
    const until = paidUntil(bill, warnAt.amount) - bill.now;
    if (spent < warnAt.amount) return until > 0 ? until : Infinity;
    const message = `it has cost ${shownMoney({ ...warnAt, amount: spent })} so far, of which ${shownMoney(warnAt)} was to be told`;
    await this.#options.view.append({
      operations: [{ op: "warn", message }],
      admissible: ({ warned, session }) => warned === undefined && session.warnAt?.amount === warnAt.amount,
    });
    return Infinity;
  }

  async #pause(bill: Bill, budget: Budget): Promise<void> {
    await this.#options.view.append({
      operations: [{ op: "pause", because: "budget", message: this.#whyPaused(bill, budget) }],
      admissible: (ledger) => isPaid(ledger) && ledger.session.budget?.amount === budget.amount,
    });
  }

  #whyPaused(bill: Bill, budget: Budget): string {
    const spent = spentSoFar(bill);
    const one = bill.rate * Math.max(bill.minimum, this.#options.least);
    const shown = (amount: number) => shownMoney({ ...budget, amount });
    return spent < one && budget.amount < one
      ? `its budget of ${shown(budget.amount)} pays for no worker: one costs ${shown(one)} at least`
      : `its budget of ${shown(budget.amount)} is used up: ${shown(spent)} so far`;
  }
}

/** Who has not started costs nothing yet, though money is held for the shortest time of it. */
function spentSoFar(bill: Bill): number {
  const { now, starts } = bill;
  return spentBy({ ...bill, starts: starts.filter((start) => start < now) }, now);
}

function isPaid({ session, paused, cancelled }: Ledger): boolean {
  return session.budget !== undefined && paused === undefined && !cancelled;
}

import type { WorkerSpec } from "../../backend.ts";
import type { CostEstimator } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseBorn } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Budget, Ledger } from "../../protocol/ledger.ts";
import type { Runtime } from "../../runtime.ts";
import type { LedgerView } from "../ledger-view.ts";
import { readUsage } from "../status/usage.ts";

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
}

/** How far a horizon is moved ahead at most, in milliseconds: a supervisor that dies leaves so much time to its successor. */
const farthest = 300_000;

/** Time between two looks at what everybody asked of the store, in milliseconds: one read for each process of the session. */
const usageInterval = 300_000;

/**
 * What one worker costs per millisecond, in the budget's currency.
 *
 * @throws {SkyburstError} `option` when nobody knows: what can't be counted can't be held to.
 */
export async function workerRate(costs: CostEstimator, spec: WorkerSpec, budget: Budget): Promise<number> {
  const rate = await costs.worker(spec);
  if (!rate)
    throw new SkyburstError(
      "option",
      `The budget of ${shown(budget)} can't be held to: nobody knows what a worker of this backend costs. Give open its \`costs\`, or leave the budget out.`,
    );
  if (rate.currency !== budget.currency)
    throw new SkyburstError(
      "option",
      `The budget is in ${budget.currency} and a worker costs ${rate.currency}. Give the budget in ${rate.currency}.`,
    );
  // Of a price that moves, the most that it may come to.
  return (rate.range?.[1] ?? rate.amount) / 3_600_000;
}

/**
 * Keeps a session within its budget. A horizon is a lease on money: it says until when so many workers are paid for, and workers
 * leave at it, so that nothing is spent that a supervisor did not count.
 */
export class Spending {
  readonly #options: SpendingOptions;
  #rate: Promise<number> | undefined;
  #requests = { amount: 0, at: Number.NEGATIVE_INFINITY };

  constructor(options: SpendingOptions) {
    this.#options = options;
  }

  /** How many of the workers that are wanted beside `live` the money pays for. Their horizon is in the ledger when this resolves. */
  async allow(live: number, wanted: number): Promise<number> {
    const money = await this.#look();
    if (!money) return wanted;
    const { left, rate, now, ledger, least, living } = money;
    if (left <= 0) return 0;
    if (rate === 0) return wanted;
    const until = ledger.horizon?.until ?? now;
    const counted = Math.max(live, living);
    // A nearer horizon than the one that was promised would not reach everybody.
    const paid = Math.floor(left / (rate * Math.max(until - now, least)));
    const more = Math.min(wanted, paid - counted);
    if (more <= 0) return 0;
    await this.#promise(money, counted + more);
    return more;
  }

  /**
   * Moves the horizon of those who live, and pauses the session when nothing is left to pay them with. Resolves with the
   * milliseconds until something is due. `needed`: there is something left to do.
   */
  async keepUp(live: number, needed: () => Promise<boolean>): Promise<number> {
    const { paused, cancelled, removed } = this.#options.view.current;
    const money = paused || cancelled || removed ? undefined : await this.#look();
    if (!money) return Number.POSITIVE_INFINITY;
    const { left, rate, now, ledger, least, living } = money;
    const until = ledger.horizon?.until ?? now;
    const counted = Math.max(live, living);
    const poor = left <= 0 || left < rate * least * Math.max(1, counted);
    if (poor && (left <= 0 || until <= now)) {
      if (await needed()) await this.#pause(money);
      return Number.POSITIVE_INFINITY;
    }
    const due = until - now < farthest / 2 || counted > (ledger.horizon?.workers ?? 0);
    if (live > 0 && rate > 0 && due) await this.#promise(money, counted);
    const reached = (this.#options.view.current.horizon?.until ?? Number.POSITIVE_INFINITY) - now;
    return reached > 0 ? reached : Number.POSITIVE_INFINITY;
  }

  async #look(): Promise<Money | undefined> {
    const { facts, view, costs, spec, least } = this.#options;
    const ledger = view.current;
    const { budget } = ledger.session;
    if (!budget) return undefined;
    const rate = await (this.#rate ??= workerRate(costs, spec, budget));
    const now = await facts.now();
    const { time, living } = await this.#lives();
    const left = budget.amount - time * rate - (await this.#ofRequests(budget));
    return { budget, rate, now, ledger, left, least, living };
  }

  /** Milliseconds that workers lived, on the store's clock, and how many of them do, as far as anybody said. Two listings. */
  async #lives(): Promise<{ readonly time: number; readonly living: number }> {
    const { facts, keys } = this.#options;
    const [births, gones] = await Promise.all([listAll(facts, keys.births), listAll(facts, keys.gones)]);
    const ends = new Map(
      gones.entries.map(({ key, modified }) => [key.slice(keys.gones.length).split(".", 3).join("."), modified]),
    );
    let time = 0;
    let living = 0;
    for (const { key, modified } of births.entries) {
      const { n, j, k } = parseBorn(key.slice(keys.births.length));
      const end = ends.get(`${n}.${j}.${k}`);
      time += Math.max(0, (end ?? births.now) - modified);
      if (end === undefined) living++;
    }
    return { time, living };
  }

  async #ofRequests({ currency }: Budget): Promise<number> {
    const { facts, keys, runtime, costs, client } = this.#options;
    if (runtime.monotonic() - this.#requests.at < usageInterval) return this.#requests.amount;
    const rates = await costs.store();
    const cost = rates && (await readUsage(facts, keys, client, costs)).cost?.requests;
    const amount = cost?.currency === currency ? cost.amount : 0;
    this.#requests = { amount, at: runtime.monotonic() };
    return amount;
  }

  /** Forward, by what is worth an entry; back only when more workers live than it was promised to. */
  async #promise({ left, rate, now, ledger, least }: Money, workers: number): Promise<void> {
    const { view } = this.#options;
    const before = ledger.horizon;
    const until = Math.floor(Math.min(now + farthest, now + left / (rate * workers)));
    const known = before?.until ?? Number.NEGATIVE_INFINITY;
    const grows = workers > (before?.workers ?? 0) && known > now;
    if (known > now && !grows && until < known + least) return;
    await view.append({
      operations: [{ op: "horizon", until, workers }],
      // What was cancelled is brought to its end by workers, too.
      admissible: (current) =>
        current.paused === undefined && (current.horizon?.until ?? Number.NEGATIVE_INFINITY) === known,
    });
  }

  async #pause({ budget, left }: Money): Promise<void> {
    const spent = { ...budget, amount: budget.amount - left };
    await this.#options.view.append({
      operations: [
        {
          op: "pause",
          because: "budget",
          message: `its budget of ${shown(budget)} is used up: ${shown(spent)} so far`,
        },
      ],
      admissible: (ledger) => isPaid(ledger) && ledger.session.budget?.amount === budget.amount,
    });
  }
}

interface Money {
  readonly budget: Budget;
  readonly rate: number;
  readonly now: number;
  readonly ledger: Ledger;
  readonly left: number;
  readonly least: number;
  /** Workers that are not gone, as far as anybody said: their time counts, though their provider may know better. */
  readonly living: number;
}

function isPaid({ session, paused, cancelled }: Ledger): boolean {
  return session.budget !== undefined && paused === undefined && !cancelled;
}

function shown({ amount, currency }: Budget): string {
  return `${currency} ${Number(amount.toFixed(amount < 1 ? 4 : 2))}`;
}

import { allOf } from "../../../costs.ts";
import type { CostEstimator } from "../../../costs.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Runtime } from "../../../runtime.ts";
import { readUsage } from "../../status/usage.ts";
import { ages, livesOf } from "../../status/worker-lives.ts";
import type { WorkerLife } from "../../status/worker-lives.ts";
import { billedTime, readExits, workerTimes } from "../../status/worker-times.ts";
import type { ExitFact } from "../../status/worker-times.ts";
import type { Bill } from "./bill.ts";

/** A worker that starts or runs, as its provider tells of it. */
export interface LiveWorker {
  readonly launch: number;
  readonly slot: number;
  /** On the provider's clock. */
  readonly startedAt?: number | undefined;
}

export interface AccountsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly costs: CostEstimator;
  readonly client: string;
  readonly minimumBilling?: number | undefined;
}

/** Time between two looks at what everybody asked of the store, in milliseconds: one read for each process of the session. */
const usageInterval = 300_000;

/** What a session has cost so far: time of workers as their provider bills it, where that was told, and requests of everybody. */
export class Accounts {
  readonly #options: AccountsOptions;
  #exits: ReadonlyMap<string, ExitFact> = new Map();
  #lives: { readonly lives: readonly WorkerLife[]; readonly now: number; readonly at: number } | undefined;
  #requests = { amount: 0, at: Number.NEGATIVE_INFINITY };

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** @param age Milliseconds for which what was read before is good enough. Three listings, and a read for each new exit. */
  async read(
    currency: string,
    live: readonly LiveWorker[],
    age: number,
  ): Promise<Pick<Bill, "now" | "ended" | "starts" | "besides">> {
    const { minimumBilling = 0 } = this.#options;
    const { lives, now } = await this.#read(age);
    const starts = new Map<string, number>();
    let ended = 0;
    for (const time of workerTimes(lives, this.#exits)) {
      if (time.to === undefined) starts.set(`${time.launch}.${time.slot}`, time.from);
      else ended += billedTime(time, now, minimumBilling);
    }
    const over = new Set(lives.filter(({ gone }) => gone !== undefined).map(({ launch, slot }) => `${launch}.${slot}`));
    for (const { launch, slot, startedAt } of live) {
      const name = `${launch}.${slot}`;
      if (over.has(name) || this.#exits.has(name)) continue;
      // Who is not born yet and of whom the provider tells nothing begins now. A clock that is ahead makes nobody younger.
      starts.set(name, Math.min(startedAt ?? Number.POSITIVE_INFINITY, starts.get(name) ?? now, now));
    }
    return { now, ended, starts: [...starts.values()], besides: await this.#ofRequests(currency) };
  }

  async #read(age: number): Promise<{ readonly lives: readonly WorkerLife[]; readonly now: number }> {
    const { facts, keys, runtime } = this.#options;
    const known = this.#lives;
    const since = known ? runtime.monotonic() - known.at : Number.POSITIVE_INFINITY;
    if (known && since < age) return { lives: known.lives, now: known.now + since };
    const [births, gones, exits] = await Promise.all([
      listAll(facts, keys.births),
      listAll(facts, keys.gones),
      readExits(facts, keys, this.#exits),
    ]);
    this.#exits = exits;
    const lives = livesOf(births.entries, keys, ages(gones.entries, keys.gones), new Map());
    this.#lives = { lives, now: births.now, at: runtime.monotonic() };
    return this.#lives;
  }

  async #ofRequests(currency: string): Promise<number> {
    const { facts, keys, runtime, costs, client } = this.#options;
    if (runtime.monotonic() - this.#requests.at < usageInterval) return this.#requests.amount;
    const rates = await costs.store();
    const free = !rates || allOf(rates.requests).every((rate) => rate.amount === 0);
    const cost = free ? undefined : (await readUsage(facts, keys, client, costs)).cost?.requests;
    const amount = cost?.currency === currency ? cost.amount : 0;
    this.#requests = { amount, at: runtime.monotonic() };
    return amount;
  }
}

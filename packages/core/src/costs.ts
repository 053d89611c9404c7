import type { Backend, WorkerSpec } from "./backend.ts";
import type { StateStore, StoreRequests } from "./store.ts";

/** A price, and where it comes from. */
export interface Rate {
  /** In `currency` for one `unit`. Where the price moves, what is expected. */
  readonly amount: number;
  /** Lowest and highest of a price that moves, as of spot workers. Undefined: it does not move. */
  readonly range?: readonly [lowest: number, highest: number] | undefined;
  /** As `USD`. */
  readonly currency: string;
  /** `hour`: of one worker. `GB`: 2^30 bytes, there or back. `GB-month`: kept for 30 days. */
  readonly unit: "hour" | "request" | "GB" | "GB-month";
  /** Where it holds, in the provider's words. Undefined: everywhere. */
  readonly region?: string | undefined;
  /** Day on which it was read, as `2026-11-21`. Undefined: it never changes. */
  readonly date?: string | undefined;
  /** Who says so: an address, or a few words. */
  readonly source: string;
}

/** What a store costs. */
export interface StoreRates {
  readonly requests: Readonly<Record<keyof StoreRequests, Rate>>;
  /** Per GB-month. Undefined: not known. */
  readonly storage?: Rate | undefined;
  /** Per GB that workers beside the store write to it, and read from it. Undefined: not known. */
  readonly transfer?: { readonly in: Rate; readonly out: Rate } | undefined;
}

/**
 * What things cost. A price that it does not know is `undefined`, never zero. Answers may be asked for often: who has to
 * fetch prices keeps them.
 */
export interface CostEstimator {
  /**
   * One worker of this kind, per hour. `backend`: name of the one that it runs on, of which this may know nothing; undefined: the session's
   * own, as far as there is one.
   */
  worker(spec: WorkerSpec, backend?: string): Promise<Rate | undefined>;
  store(): Promise<StoreRates | undefined>;
}

/** What backend and store say of themselves, for what `costs` does not know. */
export function ownCosts(store: StateStore, backend?: Backend, costs?: CostEstimator): CostEstimator {
  return {
    worker: async (spec, name = backend?.name) =>
      (await costs?.worker(spec, name)) ?? (name === backend?.name ? backend?.rate?.(spec) : undefined),
    store: async () => (await costs?.store()) ?? store.rates?.(),
  };
}

/** An amount of money. */
export interface Cost {
  readonly amount: number;
  readonly range?: readonly [lowest: number, highest: number] | undefined;
  readonly currency: string;
}

/** What requests cost; undefined when their prices are in several currencies. */
export function costOfRequests(requests: StoreRequests, rates: StoreRates["requests"]): Cost | undefined {
  const { currency } = rates.create;
  const sum = { amount: 0, lowest: 0, highest: 0 };
  for (const kind of kinds) {
    const { amount, range: [lowest, highest] = [amount, amount], currency: other } = rates[kind];
    if (other !== currency) return undefined;
    sum.amount += requests[kind] * amount;
    sum.lowest += requests[kind] * lowest;
    sum.highest += requests[kind] * highest;
  }
  const { amount, lowest, highest } = sum;
  return { amount, currency, ...(lowest < highest ? { range: [lowest, highest] as const } : {}) };
}

export function allOf(rates: StoreRates["requests"]): readonly Rate[] {
  return kinds.map((kind) => rates[kind]);
}

/** What so many of a price's unit cost, as hours of a worker. */
export function costOf(units: number, { amount, range, currency }: Pick<Rate, "amount" | "range" | "currency">): Cost {
  return {
    amount: units * amount,
    currency,
    ...(range ? { range: [units * range[0], units * range[1]] as const } : {}),
  };
}

/** undefined when they are in several currencies, or there are none. */
export function sumOfCosts(costs: readonly Cost[]): Cost | undefined {
  const currency = costs[0]?.currency;
  if (currency === undefined || costs.some((cost) => cost.currency !== currency)) return undefined;
  const sum = (of: (cost: Cost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  const range = [
    sum(({ amount, range: [lowest] = [amount] }) => lowest),
    sum(({ amount, range }) => range?.[1] ?? amount),
  ] as const;
  return { amount: sum(({ amount }) => amount), currency, ...(range[0] < range[1] ? { range } : {}) };
}

const kinds = ["create", "get", "list", "put", "delete"] as const satisfies readonly (keyof StoreRequests)[];

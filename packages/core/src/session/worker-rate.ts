import type { WorkerSpec } from "../backend.ts";
import type { CostEstimator } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import type { Budget } from "../protocol/ledger.ts";
import { shownMoney } from "./budget.ts";
import type { MoneyOption } from "./budget.ts";

/**
 * What one worker costs per hour in the currency of the limit: of a price that moves, the most that it may come to.
 *
 * @throws {SkyburstError} `option` when nobody knows: what can't be counted can't be held to.
 */
export async function workerRate(
  costs: CostEstimator,
  spec: WorkerSpec,
  limit: Budget,
  name: MoneyOption = "budget",
): Promise<number> {
  const rate = await costs.worker(spec);
  if (!rate)
    throw new SkyburstError(
      "option",
      `The ${name} of ${shownMoney(limit)} can't be held to: nobody knows what a worker of this backend costs. Give open its \`costs\`, as prices({ worker: 0.05 }), or leave the ${name} out.`,
    );
  if (rate.currency !== limit.currency)
    throw new SkyburstError(
      "option",
      `The ${name} is in ${limit.currency} and a worker costs ${rate.currency}. Give the ${name} in ${rate.currency}.`,
    );
  return rate.range?.[1] ?? rate.amount;
}

/** What a session may cost, by what its workers do. @throws {SkyburstError} `option`. */
export async function checkLimits(
  costs: CostEstimator,
  spec: WorkerSpec,
  limits: Readonly<Partial<Record<MoneyOption, Budget>>>,
): Promise<void> {
  for (const name of ["budget", "warnAt"] as const) {
    const limit = limits[name];
    if (limit) await workerRate(costs, spec, limit, name);
  }
  if (limits.maxRate) workersWithin(limits.maxRate, await workerRate(costs, spec, limits.maxRate, "maxRate"));
}

/** Where somebody knows what a worker costs. @throws {SkyburstError} `option` when the rate pays for none. */
export async function checkMaxRate(costs: CostEstimator, spec: WorkerSpec, maxRate: Budget): Promise<void> {
  if (await costs.worker(spec)) await checkLimits(costs, spec, { maxRate });
}

/**
 * Workers that cost no more than so much per hour, all together. Infinite when they cost nothing.
 *
 * @throws {SkyburstError} `option` when it is less than one costs.
 */
export function workersWithin(maxRate: Budget, perHour: number): number {
  // A rate of exactly so many workers is meant to pay for them, whatever a division of decimal fractions says.
  const workers = perHour === 0 ? Number.POSITIVE_INFINITY : Math.floor(maxRate.amount / perHour + 1e-9);
  if (workers >= 1) return workers;
  const { currency } = maxRate;
  throw new SkyburstError(
    "option",
    `The maxRate of ${shownMoney(maxRate)} an hour pays for no worker: one costs ${shownMoney({ amount: perHour, currency })} an hour. Raise maxRate to at least that.`,
  );
}

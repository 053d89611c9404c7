import { SkyburstError } from "../errors.ts";
import type { Budget } from "../protocol/ledger.ts";

/** Money per hour, of all workers together. */
export interface HourlyRate extends Budget {
  readonly unit: "hour";
}

/** An amount of money, and as a price per hour. */
export interface Money extends Budget {
  /** So much each hour, as `maxRate` takes it. */
  readonly perHour: HourlyRate;
}

/**
 * So many US dollars: `usd(5)` is a budget, `usd(20).perHour` what a fleet may cost each hour.
 *
 * @throws {SkyburstError} `option` when it is no amount.
 */
export function usd(amount: number): Money {
  const money = { amount, currency: "USD" };
  checkMoney("budget", money);
  // Not enumerable: what is stored and shown is the amount.
  return Object.defineProperty(money as Money, "perHour", { get: () => ({ ...money, unit: "hour" }) });
}

/** The options of a session that are money. */
export type MoneyOption = "budget" | "warnAt" | "maxRate";

/** @throws {SkyburstError} `option`. */
export function checkMoney(name: MoneyOption, { amount, currency, ...rest }: Budget | HourlyRate): void {
  const example = name === "maxRate" ? "usd(20).perHour" : "usd(5)";
  if (!Number.isFinite(amount) || amount <= 0)
    throw new SkyburstError(
      "option",
      `The ${name} is ${amount}; it has to be an amount of more than 0, as ${example}.`,
    );
  if (!/^[A-Z]{3}$/.test(currency))
    throw new SkyburstError(
      "option",
      `The ${name}'s currency is ${JSON.stringify(currency)}; it has to be three letters, as USD.`,
    );
  const hourly = "unit" in rest;
  if (hourly !== (name === "maxRate"))
    throw new SkyburstError(
      "option",
      `The ${name} is an amount${hourly ? " per hour" : ""}; give it ${hourly ? "as one, as" : "per hour, as"} ${example}.`,
    );
}

/** As it stands in the ledger. */
export function plainMoney({ amount, currency }: Budget): Budget {
  return { amount, currency };
}

/** As it stands in messages: `USD 0.5`. What is little is not shown as nothing. */
export function shownMoney({ amount, currency }: Budget): string {
  const shown = amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(amount < 1 ? 4 : 2);
  return `${currency} ${Number(shown)}`;
}

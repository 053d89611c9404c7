import { SkyburstError } from "../errors.ts";
import type { Budget } from "../protocol/ledger.ts";

/**
 * So many US dollars.
 *
 * @throws {SkyburstError} `option` when it is no amount.
 */
export function usd(amount: number): Budget {
  const budget = { amount, currency: "USD" };
  checkBudget(budget);
  return budget;
}

/** @throws {SkyburstError} `option`. */
export function checkBudget({ amount, currency }: Budget): void {
  if (!Number.isFinite(amount) || amount <= 0)
    throw new SkyburstError("option", `The budget is ${amount}; it has to be an amount of more than 0, as usd(5).`);
  if (!/^[A-Z]{3}$/.test(currency))
    throw new SkyburstError(
      "option",
      `The budget's currency is ${JSON.stringify(currency)}; it has to be three letters, as USD.`,
    );
}

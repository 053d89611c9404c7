import { covariance, mean } from "../common/statistics.ts";
import { parseRows, readText } from "../common/tables.ts";

/** What is known of some stocks, per year, as logarithmic returns. */
export interface Market {
  readonly symbols: readonly string[];
  /** Returns that the estimates rest on. */
  readonly months: number;
  readonly drift: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}

/** The stocks whose prices go back to 2000: with GOOG, listed in 2004, the crash before it would be left out. */
export const SYMBOLS = ["AAPL", "AMZN", "IBM", "MSFT"];

/** Estimates drift and covariance from the monthly prices of the table `stocks.csv`, over the months that all have. */
export function readMarket(symbols: readonly string[]): Market {
  const rows = parseRows(readText("stocks.csv"), ["symbol", "date", "price"]);
  const prices = symbols.map(
    (symbol) => new Map(rows.filter((row) => row.symbol === symbol).map((row) => [row.date, Number(row.price)])),
  );
  const months = [...new Set(rows.map((row) => row.date))]
    .filter((month) => prices.every((price) => price.has(month)))
    .sort((left, right) => Date.parse(left) - Date.parse(right));
  return estimate(
    symbols,
    prices.map((price) => months.map((month) => price.get(month) ?? Number.NaN)),
  );
}

/** From one series of month-end prices per symbol, all of the same months. */
export function estimate(symbols: readonly string[], prices: readonly (readonly number[])[]): Market {
  const returns = prices.map((series) =>
    series.slice(1).map((price, month) => Math.log(price / (series[month] as number))),
  );
  const months = returns[0]?.length ?? 0;
  if (months < 2) throw new Error(`The prices of ${symbols.join(", ")} share fewer than three months.`);
  return {
    symbols,
    months,
    drift: returns.map((series) => 12 * mean(series)),
    covariance: returns.map((left) => returns.map((right) => 12 * covariance(left, right))),
  };
}

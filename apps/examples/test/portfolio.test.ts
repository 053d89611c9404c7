import { beforeAll, describe, expect, it } from "vitest";
import { covariance, deviation, mean, quantile } from "../src/common/statistics.ts";
import { parseRows, readText } from "../src/common/tables.ts";
import { cholesky } from "../src/portfolio/cholesky.ts";
import { estimate, readMarket, SYMBOLS, type Market } from "../src/portfolio/market.ts";
import { PATHS, QUARTERS, simulatePath, type Path } from "../src/portfolio/path.ts";
import { report } from "../src/portfolio/report.ts";
import { assess, INVESTED } from "../src/portfolio/risk.ts";

const market = readMarket(SYMBOLS);

// Quantiles of the standard normal distribution, and its density there.
const Z95 = 1.6448536;
const DENSITY95 = 0.1031356;

describe("the market", () => {
  it("drifts from its first price to its last", () => {
    const rows = parseRows(readText("stocks.csv"), ["symbol", "date", "price"]);
    for (const [i, symbol] of SYMBOLS.entries()) {
      const prices = rows.filter((row) => row.symbol === symbol).map((row) => Number(row.price));
      const growth = Math.log((prices.at(-1) ?? 0) / (prices[0] ?? 0));
      expect(prices).toHaveLength(market.months + 1);
      expect(market.drift[i]).toBeCloseTo((growth * 12) / market.months, 12);
    }
  });

  it("has the covariance of known returns", () => {
    // Returns of ln 2, -ln 2 and ln 2, -ln 2, ln 2, ... against their opposite.
    const { drift, covariance } = estimate(
      ["up", "down"],
      [
        [1, 2, 1, 2, 1],
        [8, 4, 8, 4, 8],
      ],
    );
    const variance = (12 * 4 * Math.LN2 ** 2) / 3;
    expect(drift).toEqual([0, 0]);
    expect(covariance.flat().map((one) => one / variance)).toEqual(
      [1, -1, -1, 1].map((one) => expect.closeTo(one, 12)),
    );
  });

  it("takes only the months that every stock has", () => {
    expect(readMarket([...SYMBOLS, "GOOG"]).months).toBe(67);
  });

  it("refuses prices that share no months", () => {
    expect(() => readMarket(["AAPL", "none"])).toThrow("AAPL, none share fewer than three months");
  });

  it("factors its covariance", () => {
    const factor = cholesky(market.covariance);
    for (const [i, row] of market.covariance.entries()) {
      for (const [j, expected] of row.entries()) {
        const product = mean((factor[i] ?? []).map((left, k) => left * (factor[j]?.[k] ?? 0))) * (i + 1);
        expect(product).toBeCloseTo(expected, 12);
      }
    }
    expect(() =>
      cholesky([
        [1, 1],
        [1, 1],
      ]),
    ).toThrow("two stocks move as one");
  });
});

describe("10,000 paths", () => {
  let paths: Path[];
  let terminal: number[];
  beforeAll(() => {
    paths = Array.from({ length: PATHS }, (_, seed) => simulatePath(market, seed));
    terminal = paths.map((path) => path.worth.at(-1) ?? Number.NaN);
  });

  it("end on average where the expectation is", () => {
    // Shares are equal again each quarter, so a quarter's expected growth is the mean of the stocks' own.
    const quarter = mean(market.drift.map((drift, i) => Math.exp((drift + (market.covariance[i]?.[i] ?? 0) / 2) / 4)));
    const error = deviation(terminal) / Math.sqrt(PATHS);
    expect(Math.abs(mean(terminal) - quarter ** QUARTERS)).toBeLessThan(3 * error);
  });

  it("have nearly the value at risk of a portfolio that is rebalanced all the time", () => {
    // That one is lognormal; its drift gains half of what diversification takes off the variance.
    const variance = mean(market.covariance.map((row) => mean(row)));
    const drift = mean(market.drift.map((one, i) => one + (market.covariance[i]?.[i] ?? 0) / 2)) - variance / 2;
    const expected = INVESTED * (1 - Math.exp(drift - Z95 * Math.sqrt(variance)));
    const { valueAtRisk95, valueAtRisk99 } = assess(paths);
    expect(valueAtRisk95 / expected).toBeGreaterThan(0.97);
    expect(valueAtRisk95 / expected).toBeLessThan(1.03);
    expect(valueAtRisk99).toBeGreaterThan(valueAtRisk95);
  });

  it("have nothing in common with their neighbours", () => {
    const correlation = covariance(terminal.slice(1), terminal.slice(0, -1)) / deviation(terminal) ** 2;
    expect(Math.abs(correlation)).toBeLessThan(3 / Math.sqrt(PATHS));
  });

  it("fall at least as deep as their quarters show, and never to nothing", () => {
    for (const { worth, drawdown } of paths) {
      let height = 1;
      for (const value of worth) {
        height = Math.max(height, value);
        expect(drawdown).toBeGreaterThanOrEqual(1 - value / height);
      }
      expect(drawdown).toBeLessThan(1);
    }
  });

  it("are told with percentiles, value at risk and a plot", () => {
    const text = report(market, paths);
    expect(text).toContain("10,000 paths");
    expect(text).toMatch(/Value at risk, 1 y {3}95 %: \$[\d,]+/);
    expect(text).toMatch(/\$400k┤.*━/);
    expect(text).not.toContain("NaN");
  });
});

it("a single stock ends as the lognormal distribution says", () => {
  const [drift = 0, variance = 0] = [market.drift[2], market.covariance[2]?.[2]];
  const stock: Market = { symbols: ["IBM"], months: market.months, drift: [drift], covariance: [[variance]] };
  const logarithms = Float64Array.from({ length: PATHS }, (_, seed) =>
    Math.log(simulatePath(stock, seed).worth[3] ?? Number.NaN),
  ).sort();
  const volatility = Math.sqrt(variance);
  const ofMean = volatility / Math.sqrt(PATHS);
  const ofQuantile = (volatility * Math.sqrt(0.05 * 0.95)) / (DENSITY95 * Math.sqrt(PATHS));
  expect(Math.abs(mean(logarithms) - drift)).toBeLessThan(3 * ofMean);
  expect(Math.abs(deviation(logarithms) - volatility)).toBeLessThan((3 * ofMean) / Math.SQRT2);
  expect(Math.abs(quantile(logarithms, 0.05) - (drift - Z95 * volatility))).toBeLessThan(3 * ofQuantile);
});

import { random } from "../common/random.ts";
import { cholesky } from "./cholesky.ts";
import type { Market } from "./market.ts";

export const PATHS = 10_000;
export const QUARTERS = 20;
const DAYS_PER_QUARTER = 63;
const DAY = 1 / (4 * DAYS_PER_QUARTER);

/** One possible future of a portfolio that is worth 1 at its start. */
export interface Path {
  /** Worth at the end of each quarter. */
  readonly worth: readonly number[];
  /** Deepest fall from an earlier height, by daily worth: 0.4 is a loss of 40 %. */
  readonly drawdown: number;
}

/** Walks one path day by day: equal shares of every stock, made equal again at the end of each quarter. */
export function simulatePath(market: Market, seed: number): Path {
  const { normal } = random(seed);
  const drift = market.drift.map((yearly) => yearly * DAY);
  const factor = cholesky(market.covariance.map((row) => row.map((yearly) => yearly * DAY)));
  const share = 1 / market.symbols.length;
  const shocks = new Float64Array(market.symbols.length);
  const growth = new Float64Array(market.symbols.length);

  const worth: number[] = [];
  let invested = 1;
  let height = 1;
  let drawdown = 0;
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    growth.fill(0);
    let today = invested;
    for (let day = 0; day < DAYS_PER_QUARTER; day++) {
      for (let i = 0; i < shocks.length; i++) shocks[i] = normal();
      today = 0;
      for (const [i, row] of factor.entries()) {
        let step = drift[i] as number;
        for (let j = 0; j <= i; j++) step += (row[j] as number) * (shocks[j] as number);
        const logarithm = (growth[i] as number) + step;
        growth[i] = logarithm;
        today += invested * share * Math.exp(logarithm);
      }
      height = Math.max(height, today);
      drawdown = Math.max(drawdown, 1 - today / height);
    }
    invested = today;
    worth.push(invested);
  }
  return { worth, drawdown };
}

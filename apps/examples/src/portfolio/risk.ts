import { ascending, quantile } from "../common/statistics.ts";
import type { Path } from "./path.ts";

/** What is at stake, in dollars. */
export const INVESTED = 100_000;

export const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

export interface Risk {
  /** Dollars at each quarter's end, a row of one figure per level. */
  readonly quarters: readonly (readonly number[])[];
  /** The loss in dollars that 95 (99) of 100 first years stay below. */
  readonly valueAtRisk95: number;
  readonly valueAtRisk99: number;
  /** Deepest fall from an earlier height, on the median path: 0.4 is a loss of 40 %. */
  readonly drawdown: number;
}

export function assess(paths: readonly Path[]): Risk {
  const quarters = (paths[0]?.worth ?? []).map((_, quarter) =>
    ascending(paths.map((path) => INVESTED * (path.worth[quarter] as number))),
  );
  const firstYear = quarters[3];
  if (firstYear === undefined) throw new Error("The value at risk of a year needs paths of four quarters or more.");
  return {
    quarters: quarters.map((sorted) => LEVELS.map((level) => quantile(sorted, level))),
    valueAtRisk95: INVESTED - quantile(firstYear, 0.05),
    valueAtRisk99: INVESTED - quantile(firstYear, 0.01),
    drawdown: quantile(ascending(paths.map((path) => path.drawdown)), 0.5),
  };
}

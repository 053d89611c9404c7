import { ascending, quantile } from "../common/statistics.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of 95 %: what the middle 95 of 100 resampled values span. */
export function interval(values: readonly number[]): Interval {
  const sorted = ascending(values);
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

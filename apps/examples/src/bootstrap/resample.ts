import { random } from "../common/random.ts";
import { ascending, covariance, deviation, mean, quantile } from "../common/statistics.ts";
import type { Sample } from "./sample.ts";

export const RESAMPLES = 10_000;

export interface Estimate {
  readonly meanRating: number;
  /** Dollars. */
  readonly medianGross: number;
  /** Pearson's, of budget and worldwide gross. */
  readonly correlation: number;
}

/** The figures of a sample of the same size, drawn from `sample` with replacement. */
export function resample(sample: Sample, seed: number): Estimate {
  const { below } = random(seed);
  const size = sample.rating.length;
  const budget = new Float64Array(size);
  const gross = new Float64Array(size);
  const rating = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const drawn = below(size);
    budget[i] = sample.budget[drawn] as number;
    gross[i] = sample.gross[drawn] as number;
    rating[i] = sample.rating[drawn] as number;
  }
  return estimate({ budget, gross, rating });
}

export function estimate({ budget, gross, rating }: Columns): Estimate {
  return {
    meanRating: mean(rating),
    medianGross: quantile(ascending(gross), 0.5),
    correlation: covariance(budget, gross) / (deviation(budget) * deviation(gross)),
  };
}

type Columns = { readonly [Column in keyof Sample]: ArrayLike<number> };

import type { Settings } from "./boost.ts";
import { FOLDS, type Score } from "./fold.ts";

export const DEPTHS = [1, 2, 3, 4];
export const RATES = [0.02, 0.05, 0.1, 0.3];

/** What one call has to train and score. */
export interface Trial {
  readonly settings: Settings;
  readonly fold: number;
}

export interface Result {
  readonly settings: Settings;
  /** Root of the mean squared error over all folds, in miles per gallon. */
  readonly error: number;
}

/** Every configuration with every fold: 16 × 5. */
export function trials(): Trial[] {
  return DEPTHS.flatMap((depth) => RATES.map((rate) => ({ depth, rate }))).flatMap((settings) =>
    Array.from({ length: FOLDS }, (_, fold) => ({ settings, fold })),
  );
}

/** One result per configuration, best first; `scores` in the order of the trials. */
export function rank(trials: readonly Trial[], scores: readonly Score[]): Result[] {
  const settings = [...new Set(trials.map((trial) => trial.settings))];
  return settings
    .map((one) => {
      const folds = scores.filter((_, i) => trials[i]?.settings === one);
      const cars = folds.reduce((total, score) => total + score.cars, 0);
      return { settings: one, error: Math.sqrt(folds.reduce((total, score) => total + score.squaredError, 0) / cars) };
    })
    .sort((left, right) => left.error - right.error);
}

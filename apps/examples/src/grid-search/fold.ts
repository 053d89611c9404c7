import { random } from "../common/random.ts";
import { predict, train, type Settings } from "./boost.ts";
import type { Car } from "./cars.ts";

export const FOLDS = 5;

export interface Score {
  readonly cars: number;
  /** Of the guesses for these cars, which the model did not see. */
  readonly squaredError: number;
}

/** Trains on all folds but one, and scores on that one. */
export function validate(cars: readonly Car[], settings: Settings, fold: number): Score {
  const folds = assignFolds(cars.length);
  const known = cars.filter((_, i) => folds[i] !== fold);
  const unseen = cars.filter((_, i) => folds[i] === fold);
  const model = train(
    known.map((car) => car.features),
    known.map((car) => car.consumption),
    settings,
  );
  const squaredError = unseen.reduce((total, car) => total + (predict(model, car.features) - car.consumption) ** 2, 0);
  return { cars: unseen.length, squaredError };
}

/** A fold for each row, all of about the same size. Shuffled, since the table is sorted by year. */
export function assignFolds(count: number): number[] {
  const { below } = random(2026);
  const folds = Array.from({ length: count }, (_, i) => i % FOLDS);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1);
    [folds[i], folds[j]] = [folds[j] as number, folds[i] as number];
  }
  return folds;
}

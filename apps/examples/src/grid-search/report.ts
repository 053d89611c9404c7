import { FOLDS, type Score } from "./fold.ts";
import { DEPTHS, rank, RATES, trials } from "./grid.ts";

/** What a person wants to read of the scores: the grid, and the best of it. */
export function report(scores: readonly Score[]): string {
  const results = rank(trials(), scores);
  const error = (depth: number, rate: number) =>
    results.find(({ settings }) => settings.depth === depth && settings.rate === rate)?.error ?? Number.NaN;
  const [best] = results;
  if (best === undefined) throw new Error("There are no scores to report.");
  return [
    `Error in miles per gallon, by ${FOLDS}-fold cross-validation:`,
    "",
    "depth  " + RATES.map((rate) => `rate ${rate}`.padStart(11)).join(""),
    ...DEPTHS.map(
      (depth) => `${depth}      ` + RATES.map((rate) => error(depth, rate).toFixed(3).padStart(11)).join(""),
    ),
    "",
    `Best: trees of depth ${best.settings.depth} at rate ${best.settings.rate}, ${best.error.toFixed(3)} mpg off.`,
  ].join("\n");
}

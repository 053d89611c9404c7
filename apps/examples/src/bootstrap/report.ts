import { interval } from "./interval.ts";
import { estimate, type Estimate } from "./resample.ts";
import type { Sample } from "./sample.ts";

/** What a person wants to read of the resamples. */
export function report(sample: Sample, resamples: readonly Estimate[]): string {
  const point = estimate(sample);
  const line = (label: string, figure: keyof Estimate, format: (value: number) => string) => {
    const { low, high } = interval(resamples.map((one) => one[figure]));
    return label.padEnd(34) + format(point[figure]).padStart(8) + `${format(low)} to ${format(high)}`.padStart(22);
  };
  return [
    `${sample.rating.length.toLocaleString("en")} films, ${resamples.length.toLocaleString("en")} resamples:`,
    "",
    "                                  estimate     95 % of resamples",
    line("mean rating", "meanRating", (value) => value.toFixed(3)),
    line("median worldwide gross", "medianGross", (value) => `$${(value / 1e6).toFixed(1)}m`),
    line("correlation of budget and gross", "correlation", (value) => value.toFixed(3)),
  ].join("\n");
}

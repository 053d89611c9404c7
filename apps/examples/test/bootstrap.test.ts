import { beforeAll, describe, expect, it } from "vitest";
import { interval, type Interval } from "../src/bootstrap/interval.ts";
import { report } from "../src/bootstrap/report.ts";
import { estimate, resample, RESAMPLES, type Estimate } from "../src/bootstrap/resample.ts";
import { readSample } from "../src/bootstrap/sample.ts";
import { ascending, deviation, mean } from "../src/common/statistics.ts";

const sample = readSample();
const size = sample.rating.length;
const Z975 = 1.959964;

// How far the ends of an interval wander because there are 10,000 resamples and not infinitely many, in deviations.
const WANDER = (3 * Math.sqrt(0.025 * 0.975)) / (0.0584451 * Math.sqrt(RESAMPLES));

describe("10,000 resamples", () => {
  let resamples: Estimate[];
  beforeAll(() => {
    resamples = Array.from({ length: RESAMPLES }, (_, seed) => resample(sample, seed));
  });
  const of = (figure: keyof Estimate): Interval => interval(resamples.map((one) => one[figure]));

  it("give the mean the interval of the central limit theorem", () => {
    const error = deviation(sample.rating) / Math.sqrt(size);
    const { low, high } = of("meanRating");
    expect(Math.abs(low - (mean(sample.rating) - Z975 * error))).toBeLessThan(WANDER * error);
    expect(Math.abs(high - (mean(sample.rating) + Z975 * error))).toBeLessThan(WANDER * error);
  });

  it("give the median the interval of the binomial distribution", () => {
    // The ends are order statistics: half of the rows, 1.96 deviations of a fair coin more or less.
    const sorted = ascending(sample.gross);
    const deviation = Math.sqrt(size) / 2;
    const rank = (z: number) => sorted[Math.round(size / 2 + z * deviation)] ?? Number.NaN;
    const { low, high } = of("medianGross");
    const slack = WANDER + 1 / deviation;
    expect(low).toBeGreaterThanOrEqual(rank(-Z975 - slack));
    expect(low).toBeLessThanOrEqual(rank(-Z975 + slack));
    expect(high).toBeGreaterThanOrEqual(rank(Z975 - slack));
    expect(high).toBeLessThanOrEqual(rank(Z975 + slack));
  });

  it("give the correlation an interval as wide as its influence function says", () => {
    const standard = (values: readonly number[]) => {
      const [middle, width] = [mean(values), deviation(values)];
      return values.map((value) => (value - middle) / width);
    };
    const [budget, gross] = [standard(sample.budget), standard(sample.gross)];
    const { correlation } = estimate(sample);
    const influence = budget.map((x, i) => x * (gross[i] ?? 0) - (correlation / 2) * (x * x + (gross[i] ?? 0) ** 2));
    const error = deviation(influence) / Math.sqrt(size);
    const { low, high } = of("correlation");
    expect((high - low) / (2 * Z975 * error)).toBeCloseTo(1, 1);
    expect(low).toBeLessThan(correlation);
    expect(high).toBeGreaterThan(correlation);
  });

  it("are told with all three intervals", () => {
    const text = report(sample, resamples);
    expect(text).toContain("2,955 films, 10,000 resamples");
    expect(text.match(/ to /g)).toHaveLength(3);
    expect(text).not.toContain("NaN");
  });
});

it("estimates known figures", () => {
  const doubled = { budget: [1, 2, 3, 4], gross: [2, 4, 6, 8], rating: [1, 1, 4, 6] };
  const known = estimate(doubled);
  expect(known).toEqual({ meanRating: 3, medianGross: 5, correlation: expect.closeTo(1, 12) });
});

it("draws rows whole: a resample's columns stay together", () => {
  const doubled = { budget: [1, 2, 3, 4], gross: [2, 4, 6, 8], rating: [1, 2, 3, 4] };
  expect(resample(doubled, 1).correlation).toBeCloseTo(1, 12);
});

import { beforeAll, describe, expect, it } from "vitest";
import { deviation, mean } from "../src/common/statistics.ts";
import { predict, train } from "../src/grid-search/boost.ts";
import { readCars } from "../src/grid-search/cars.ts";
import { assignFolds, FOLDS, validate, type Score } from "../src/grid-search/fold.ts";
import { rank, trials } from "../src/grid-search/grid.ts";
import { report } from "../src/grid-search/report.ts";
import { growTree, predictTree, sortByFeature } from "../src/grid-search/tree.ts";

const cars = readCars();

describe("a tree", () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i % 7, i]);

  it("finds the step of a step function", () => {
    const targets = rows.map((_, i) => (i < 13 ? 5 : 9));
    const tree = growTree(rows, targets, sortByFeature(rows), 1);
    expect(tree).toEqual({ feature: 1, threshold: 12.5, low: { value: 5 }, high: { value: 9 } });
    expect(predictTree(tree, [0, 12])).toBe(5);
    expect(predictTree(tree, [0, 13])).toBe(9);
  });

  it("asks nothing when nothing is gained", () => {
    expect(
      growTree(
        rows,
        rows.map(() => 3),
        sortByFeature(rows),
        4,
      ),
    ).toEqual({ value: 3 });
  });

  it("makes no leaf of fewer than five rows", () => {
    const targets = rows.map((_, i) => (i < 2 ? 100 : 0));
    expect(growTree(rows, targets, sortByFeature(rows), 1)).toMatchObject({ feature: 1, threshold: 4.5 });
  });
});

describe("boosting", () => {
  it("learns a sum of steps that one question can't", () => {
    const rows = Array.from({ length: 64 }, (_, i) => [i % 8, Math.floor(i / 8)]);
    const target = ([x = 0, y = 0]: readonly number[]) => (x < 4 ? 0 : 3) + (y < 4 ? 0 : 10);
    const model = train(rows, rows.map(target), { depth: 1, rate: 0.3 });
    for (const row of rows) expect(predict(model, row)).toBeCloseTo(target(row), 3);
  });
});

describe("the folds", () => {
  it("hold every car once, in five parts of about the same size", () => {
    const sizes = Array.from(
      { length: FOLDS },
      (_, fold) => assignFolds(cars.length).filter((one) => one === fold).length,
    );
    expect(cars).toHaveLength(392);
    expect(sizes.sort((left, right) => left - right)).toEqual([78, 78, 78, 79, 79]);
  });
});

describe("16 configurations by 5 folds", () => {
  let scores: Score[];
  beforeAll(() => {
    scores = trials().map(({ settings, fold }) => validate(cars, settings, fold));
  });

  it("score each car once per configuration", () => {
    expect(trials()).toHaveLength(80);
    const results = rank(trials(), scores);
    expect(results).toHaveLength(16);
    expect(scores.reduce((total, score) => total + score.cars, 0)).toBe(16 * 392);
  });

  it("all beat the mean, and the best beats linear regression", () => {
    const results = rank(trials(), scores);
    const consumption = cars.map((car) => car.consumption);
    expect(results.at(-1)?.error).toBeLessThan(deviation(consumption) / 1.5);
    expect(results[0]?.error).toBeLessThan(0.9 * linearError());
  });

  it("choose one configuration", () => {
    const [best, second] = rank(trials(), scores);
    expect(best?.settings).toEqual({ depth: 3, rate: 0.05 });
    expect(best?.error).toBeLessThan(second?.error ?? 0);
    expect(report(scores)).toContain("Best: trees of depth 3 at rate 0.05");
  });
});

/** Cross-validated error of least squares on the same folds, by gradient descent on standardised features. */
function linearError(): number {
  const folds = assignFolds(cars.length);
  const columns = (cars[0]?.features ?? []).map((_, feature) => cars.map((car) => car.features[feature] ?? 0));
  const scale = columns.map((column) => [mean(column), deviation(column)] as const);
  const rows = cars.map((car) => [
    1,
    ...car.features.map((value, i) => (value - (scale[i]?.[0] ?? 0)) / (scale[i]?.[1] ?? 1)),
  ]);
  let squares = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const weights = descend(rows, folds, fold);
    for (const [i, row] of rows.entries()) {
      if (folds[i] === fold) squares += (dot(weights, row) - (cars[i]?.consumption ?? 0)) ** 2;
    }
  }
  return Math.sqrt(squares / cars.length);
}

function descend(rows: readonly number[][], folds: readonly number[], fold: number): number[] {
  const weights = (rows[0] ?? []).map(() => 0);
  for (let round = 0; round < 2000; round++) {
    const slope = weights.map(() => 0);
    for (const [i, row] of rows.entries()) {
      if (folds[i] === fold) continue;
      const miss = dot(weights, row) - (cars[i]?.consumption ?? 0);
      for (const [j, value] of row.entries()) slope[j] = (slope[j] ?? 0) + miss * value;
    }
    for (const [j, one] of slope.entries()) weights[j] = (weights[j] ?? 0) - (0.3 * one) / rows.length;
  }
  return weights;
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((total, value, i) => total + value * (right[i] ?? 0), 0);
}

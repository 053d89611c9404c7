import { mean } from "../common/statistics.ts";
import { growTree, predictTree, sortByFeature, type Row, type Tree } from "./tree.ts";

export interface Settings {
  /** Questions in a row that a tree may ask. */
  readonly depth: number;
  /** Share of each tree's correction that is applied. */
  readonly rate: number;
}

/** Guesses by gradient boosting: a mean, and trees each of which corrects what those before it leave. */
export interface Model {
  readonly mean: number;
  readonly rate: number;
  readonly trees: readonly Tree[];
}

const TREES = 200;

export function train(rows: readonly Row[], targets: readonly number[], { depth, rate }: Settings): Model {
  const start = mean(targets);
  const residuals = targets.map((target) => target - start);
  const order = sortByFeature(rows);
  const trees = Array.from({ length: TREES }, () => {
    const tree = growTree(rows, residuals, order, depth);
    for (const [i, row] of rows.entries()) residuals[i] = (residuals[i] as number) - rate * predictTree(tree, row);
    return tree;
  });
  return { mean: start, rate, trees };
}

export function predict(model: Model, row: Row): number {
  let guess = model.mean;
  for (const tree of model.trees) guess += model.rate * predictTree(tree, row);
  return guess;
}

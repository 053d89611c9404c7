export type Row = readonly number[];

/** A regression tree: a value, or a question that leads to one of two trees. */
export type Tree = Leaf | Question;

interface Leaf {
  readonly value: number;
}

interface Question {
  readonly feature: number;
  /** Rows whose feature is at most this go to `low`. */
  readonly threshold: number;
  readonly low: Tree;
  readonly high: Tree;
}

/** Row numbers, once per feature, in ascending order of that feature. */
export type Order = readonly (readonly number[])[];

/** Sorted once, since every node of every tree goes through its rows in this order. */
export function sortByFeature(rows: readonly Row[]): Order {
  const features = [...(rows[0]?.keys() ?? [])];
  return features.map((feature) =>
    [...rows.keys()].sort((left, right) => featureOf(rows, left, feature) - featureOf(rows, right, feature)),
  );
}

/** Grows the tree that greedily takes most off the squared error of `targets`, at most `depth` questions deep. */
export function growTree(rows: readonly Row[], targets: readonly number[], order: Order, depth: number): Tree {
  const members = order[0] ?? [];
  const total = members.reduce((sum, member) => sum + (targets[member] as number), 0);
  const split = depth > 0 ? bestSplit(rows, targets, order, total) : undefined;
  if (split === undefined) return { value: total / members.length };

  const { feature, threshold } = split;
  const side = (isLow: boolean) =>
    order.map((sorted) => sorted.filter((member) => featureOf(rows, member, feature) <= threshold === isLow));
  return {
    feature,
    threshold,
    low: growTree(rows, targets, side(true), depth - 1),
    high: growTree(rows, targets, side(false), depth - 1),
  };
}

export function predictTree(tree: Tree, row: Row): number {
  let node = tree;
  while (!("value" in node)) node = (row[node.feature] as number) <= node.threshold ? node.low : node.high;
  return node.value;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
}

// A leaf of fewer rows follows single rows rather than what they have in common.
const SMALLEST_LEAF = 5;

function bestSplit(rows: readonly Row[], targets: readonly number[], order: Order, total: number): Split | undefined {
  let best: Split | undefined;
  let bestGain = (total * total) / (order[0]?.length ?? 1) + 1e-9;
  for (const [feature, sorted] of order.entries()) {
    let lowSum = 0;
    for (let low = 1; low <= sorted.length - SMALLEST_LEAF; low++) {
      const last = sorted[low - 1] as number;
      lowSum += targets[last] as number;
      if (low < SMALLEST_LEAF) continue;
      // The squared error falls by what the sums' squares, each over its count, grow.
      const highSum = total - lowSum;
      const gain = (lowSum * lowSum) / low + (highSum * highSum) / (sorted.length - low);
      if (gain <= bestGain) continue;
      const value = featureOf(rows, last, feature);
      const next = featureOf(rows, sorted[low] as number, feature);
      if (value === next) continue;
      best = { feature, threshold: (value + next) / 2 };
      bestGain = gain;
    }
  }
  return best;
}

function featureOf(rows: readonly Row[], row: number, feature: number): number {
  return (rows[row] as Row)[feature] as number;
}

export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

/** Of a sample: over n − 1. */
export function deviation(values: ArrayLike<number>): number {
  return Math.sqrt(covariance(values, values));
}

/** Of a sample: over n − 1. */
export function covariance(left: ArrayLike<number>, right: ArrayLike<number>): number {
  const leftMean = mean(left);
  const rightMean = mean(right);
  let total = 0;
  for (let i = 0; i < left.length; i++) {
    total += ((left[i] as number) - leftMean) * ((right[i] as number) - rightMean);
  }
  return total / (left.length - 1);
}

export function ascending(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** The value below which the share `level` of `sorted` lies, interpolated between neighbours. */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const position = level * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}

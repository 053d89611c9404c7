import type { Row } from "./figure.ts";

export interface Summary {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** undefined when there is nothing to sum up. */
export function summary(values: readonly number[]): Summary | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [minimum] = sorted;
  const maximum = sorted.at(-1);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (minimum === undefined || maximum === undefined || lower === undefined || upper === undefined) return undefined;
  return { minimum, median: (lower + upper) / 2, maximum };
}

/** Whether the median keeps the bound; undefined when there is no bound or no measurement. */
export function isMet({ values, bound }: Row): boolean | undefined {
  const found = summary(values);
  if (!found || !bound) return undefined;
  return bound.kind === "at least" ? found.median >= bound.value : found.median <= bound.value;
}

import type { Conditions } from "./conditions.ts";
import type { Places } from "./places.ts";

/** One question, and how it is answered. */
export interface Figure {
  /** For `--only`. */
  readonly name: string;
  measure(bench: Bench): Promise<Answer>;
}

export interface Answer {
  /** What was measured, with its size. */
  readonly title: string;
  readonly rows: readonly Row[];
}

/** An answer, and under which conditions it was found. */
export interface Measured extends Answer {
  readonly name: string;
  readonly conditions: Conditions;
}

/** What a figure is measured with. */
export interface Bench {
  readonly quick: boolean;
  readonly repeat: number;
  readonly places: Places;
  /** Path of the built `skyburst` command. */
  readonly skyburst: string;
  /** The full size, or the tiny one of `--quick`. */
  size(full: number, tiny: number): number;
}

export type Unit = "×" | "s" | "ms" | "MB" | "/s" | "of the cores" | "per task" | "per chunk" | "requests";

export interface Row {
  readonly label: string;
  readonly unit: Unit;
  /** One per run. For a ratio: of two runs of the same round. */
  readonly values: readonly number[];
  /** What the median has to come to; without it the row is only told. */
  readonly bound?: Bound | undefined;
  /** Why it could not be measured. */
  readonly skipped?: string | undefined;
}

export interface Bound {
  readonly kind: "at least" | "at most";
  readonly value: number;
}

export function atLeast(value: number): Bound {
  return { kind: "at least", value };
}

export function atMost(value: number): Bound {
  return { kind: "at most", value };
}

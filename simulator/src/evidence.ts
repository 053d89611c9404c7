import type { SimProcess } from "./process.ts";

export interface Execution {
  readonly process: SimProcess;
  readonly attempt: number;
  readonly how: "succeeded" | "failed" | "died";
  /** Bytes printed, in all. */
  readonly printed: number;
}

/** What really ran, by input: the only thing that knows it besides the commits. */
export class Evidence {
  readonly #executions = new Map<number, Execution[]>();

  add(input: number, execution: Execution): void {
    const known = this.#executions.get(input);
    if (known) known.push(execution);
    else this.#executions.set(input, [execution]);
  }

  /** Inputs of which one attempt came to its end more than once. */
  repeated(): number[] {
    return [...this.#executions]
      .filter(([, all]) => new Set(all.map(({ attempt }) => attempt)).size < all.length)
      .map(([input]) => input);
  }

  of(input: number): readonly Execution[] {
    return this.#executions.get(input) ?? [];
  }
}

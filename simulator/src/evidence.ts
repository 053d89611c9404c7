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

  of(input: number): readonly Execution[] {
    return this.#executions.get(input) ?? [];
  }
}

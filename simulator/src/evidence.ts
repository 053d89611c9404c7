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

  /** Inputs of which one attempt came to its end more than once; what failed may be started again. */
  repeated(): number[] {
    return [...this.#executions]
      .filter(([, all]) =>
        all.some(
          ({ how, attempt }, n) => how !== "failed" && all.slice(n + 1).some((later) => later.attempt === attempt),
        ),
      )
      .map(([input]) => input);
  }

  of(input: number): readonly Execution[] {
    return this.#executions.get(input) ?? [];
  }
}

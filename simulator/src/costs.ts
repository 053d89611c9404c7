import type { CostEstimator } from "../../packages/core/src/costs.ts";
import type { Scenario } from "./scenario/scenario.ts";

/** A made-up price: a worker costs one a second, and the store nothing. */
export function costsOf(_: Scenario): CostEstimator {
  return {
    worker: () => Promise.resolve({ amount: 3600, currency: "USD", unit: "hour", source: "made up" }),
    store: () => Promise.resolve(undefined),
  };
}

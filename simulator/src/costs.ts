import type { CostEstimator } from "../../packages/core/src/costs.ts";
import { priceAt } from "./provider/charges.ts";
import { providerOf } from "./scenario/with-provider.ts";
import type { World } from "./world.ts";

/** What its provider charges for a worker at the moment, and what that may come to; the store is free. */
export function costsOf({ scenario, timeline }: World): CostEstimator {
  const { prices } = providerOf(scenario);
  const perHour = prices.map(({ perSecond }) => perSecond * 3600);
  return {
    worker: () =>
      Promise.resolve({
        amount: priceAt(prices, timeline.now) * 3600,
        ...(prices.length > 1 ? { range: [Math.min(...perHour), Math.max(...perHour)] as const } : {}),
        currency: "USD",
        unit: "hour",
        source: "made up",
      }),
    store: () => Promise.resolve(undefined),
  };
}

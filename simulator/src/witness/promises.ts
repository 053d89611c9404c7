import type { Horizon, Ledger } from "../../../packages/core/src/protocol/index.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { Seen } from "./seen.ts";

/** What was spent, and what the horizon promises at the most, is within the budget. */
export function checkPromise(seen: Seen, { session: { budget } }: Ledger, { until, workers }: Horizon): void {
  const { storeNow, scenario, spent: charged } = seen.world;
  if (!budget || scenario.faults.clockJumps > 0) return;
  const highest = Math.max(...providerOf(scenario).prices.map(({ perSecond }) => perSecond / 1000));
  const spent = charged();
  const promised = workers * Math.max(0, until - storeNow) * highest;
  // Who lives longer than it was paid for is to hear of it at once.
  if (promised > 0 && spent + promised > budget.amount + workers * 5000 * highest)
    seen.world.violated(
      `A horizon promises ${Math.round(promised)}, when ${Math.round(spent)} of ${budget.amount} are spent`,
    );
}

import { Random } from "./random.ts";
import { providerOf } from "./scenario/with-provider.ts";
import { scenarioOf } from "./scenario/scenario-of.ts";
import type { Scenario } from "./scenario/scenario.ts";

/** The seed's own history, but with a budget that is mostly less than its work costs. */
export function moneyScenario(seed: number): Scenario {
  const plain = scenarioOf(seed);
  const random = new Random(seed).fork("money");
  const highest = Math.max(...providerOf(plain).prices.map(({ perSecond }) => perSecond));
  const { mix, submissions, workers, slots } = plain;
  const work = (submissions.reduce((sum, { tasks }) => sum + tasks, 0) * mix.mean) / 1000 / slots;
  const budget = (workers * 5 + work * random.next() * 1.5) * highest;
  return {
    ...plain,
    budget,
    rescue: "daemon",
    ...(random.chance(0.5) ? { warnAt: budget * random.between(0.1, 1.1) } : {}),
    ...(random.chance(0.3) ? { maxRate: highest * random.between(1, workers + 1) } : {}),
  };
}

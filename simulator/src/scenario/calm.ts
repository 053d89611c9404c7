import type { Act } from "./plans.ts";
import type { Scenario } from "./scenario.ts";

/** What is stopped in the middle runs again, or its neighbours do. */
const stopping: ReadonlySet<Act> = new Set(["cancel tasks", "deadline", "overdue"]);

/** Nothing goes wrong but tasks themselves: what runs twice then runs twice for nothing. A client that closes takes its workers from what others submitted. */
export function isCalm({ faults, mix, joiners, acts, afterwards, budget, removal }: Scenario): boolean {
  const { until: _, ...rates } = faults;
  const troubles = mix.poison + mix.shaky + mix.slotDeaths + joiners.length;
  const stops = [...acts.map(({ act }) => act), ...afterwards].some((act) => stopping.has(act));
  const limited = stops || budget !== undefined || removal !== undefined;
  return Object.values(rates).every((rate) => rate === 0) && troubles === 0 && !limited;
}

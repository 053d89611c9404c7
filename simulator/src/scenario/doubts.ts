import type { Scenario } from "./scenario.ts";

/** Somebody may hear of things long after they were, or of what is not so. */
export function isLate({ faults }: Scenario): boolean {
  const { freezes, slow, clockJumps, lateLandings, lostAnswers, lostRequests, refused, outages } = faults;
  return freezes + slow + clockJumps + lateLandings + lostAnswers + lostRequests + refused + outages > 0;
}

/** Besides: who runs is not always what a provider says. */
export function isDoubtful(scenario: Scenario): boolean {
  const { backend, duplicates, launchDeaths, forgotten, falseExits, listLag } = scenario.faults;
  return isLate(scenario) || backend + duplicates + launchDeaths + forgotten + falseExits + listLag > 0;
}

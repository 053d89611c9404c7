import { Random } from "../random.ts";
import type { SubmissionPlan } from "./plans.ts";
import type { Scenario } from "./scenario.ts";

/** In a third of all histories attempts fail by the fault of several, and submissions have a budget for each. */
export function withBlames(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("blames");
  if (random.chance(0.67)) return plain;
  const submissions = plain.submissions.map((submission): SubmissionPlan => ({
    ...submission,
    ...(random.chance(0.6) ? { retries: retriesOf(random) } : {}),
  }));
  const { mix } = plain;
  return { ...plain, submissions, mix: { ...mix, failing: Math.max(mix.failing, random.next() * 0.3), blamed: 0.7 } };
}

function retriesOf(random: Random): SubmissionPlan["retries"] {
  const kinds = ["user", "timeout", "oom", "infrastructure"] as const;
  return Object.fromEntries(kinds.flatMap((kind) => (random.chance(0.6) ? [[kind, random.whole(0, 3)]] : [])));
}

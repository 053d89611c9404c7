import type { Random } from "../random.ts";
import type { SubmissionPlan } from "./plans.ts";

export function submissionPlan(random: Random, more: Random, tasks: number): SubmissionPlan {
  const feed = random.pick(["array", "array", "iterable", "stream"] as const);
  return {
    tasks: random.chance(0.05) ? 0 : tasks,
    feed,
    segment: random.chance(0.5) ? 1000 : random.whole(1, 100),
    gap: feed === "stream" ? random.exponential(3000) : 0,
    start: random.chance(0.5) ? 0 : random.exponential(20_000),
    ordered: random.chance(0.5),
    retries: random.chance(0.5) ? 0 : random.whole(1, 3),
    backoff: random.pick([0, 100, 1000, 20_000]),
    grace: random.pick([0, 1000, 5000]),
    ...(random.chance(0.15) ? { cancelAfter: random.exponential(20_000) } : {}),
    ...(random.chance(0.1) ? { breakAfter: random.whole(1, Math.max(1, tasks)) } : {}),
    concurrency: more.chance(0.2) ? more.whole(2, 20) : 1,
    ...(more.chance(0.1) ? { timeout: more.pick([50, 1000, 10_000]) } : {}),
    follows: more.chance(0.3),
    client: 0,
  };
}

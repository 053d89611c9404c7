import { Random } from "../random.ts";
import type { JoinerPlan } from "./plans.ts";
import type { Scenario } from "./scenario.ts";

/** Some of the submissions are those of other clients. */
export function withJoiners(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("joiners");
  if (plain.submissions.length < 2 || random.chance(0.5)) return plain;
  const joiners = Array.from({ length: random.whole(1, Math.min(3, plain.submissions.length - 1)) }, (): JoinerPlan => {
    const ends = random.pick(["close", "close", "detach", "crash"] as const);
    const after = ends === "detach" ? random.next() ** 2 * 120_000 : Math.floor(random.next() ** 3 * 1500);
    return { start: random.chance(0.3) ? 0 : random.exponential(20_000), ends, after };
  });
  const submissions = plain.submissions.map((submission, n) => ({
    ...submission,
    client: Math.max(0, n + joiners.length + 1 - plain.submissions.length),
  }));
  return { ...plain, joiners, submissions };
}

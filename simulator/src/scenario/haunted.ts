import { Random } from "../random.ts";
import { isCalm } from "./calm.ts";
import { paces } from "./paces.ts";
import type { Scenario } from "./scenario.ts";

/** Now and then nearly every worker is said to be gone while it lives, so that two run the same, batch for batch. */
export function haunted(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("haunted");
  if (isCalm(plain) || random.chance(0.8)) return plain;
  const { submissions, faults, mix } = plain;
  return {
    ...plain,
    // Few slots and few chunks for each: turns of many batches.
    pace: random.pick([paces[0], { ...paces[0], ttl: 10_000, chunksPerSlot: 2 }]),
    ttl: 10_000,
    workers: random.whole(2, 4),
    slots: random.whole(1, 3),
    commitInterval: random.pick([50, 200, 1000]),
    submissions: submissions.map((submission) => ({
      ...submission,
      tasks: Math.min(submission.tasks * 2, Math.floor(500 / submissions.length)),
      retries: random.whole(0, 3),
      backoff: 100,
    })),
    watch: true,
    reportDelay: 50,
    mix: { ...mix, mean: random.pick([300, 1000]), failing: random.next() ** 2 * 0.6 },
    faults: {
      ...faults,
      falseExits: random.between(0.3, 1),
      spot: random.between(0, 0.6),
      slow: random.between(0, 0.05),
    },
  };
}

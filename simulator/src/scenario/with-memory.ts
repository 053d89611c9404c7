import { Random } from "../random.ts";
import { isCalm } from "./calm.ts";
import type { SubmissionPlan } from "./plans.ts";
import type { Scenario } from "./scenario.ts";

/** What workers have, and what tasks want; in bytes, if anybody asks. */
export interface MemoryPlan {
  /** Of a worker for which nobody asks for more. */
  readonly base: number;
  /** Of the largest that there is. */
  readonly most: number;
  /** Share of the tasks that want more than the base. */
  readonly hungry: number;
  /** Share of those that take their worker with them. */
  readonly killing: number;
}

/** In a sixth of all histories tasks want more memory than workers have, and most submissions ask for more of it then. */
export function withMemory(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("memory");
  if (random.chance(5 / 6)) return plain;
  const base = 100;
  const submissions = plain.submissions.map((submission): SubmissionPlan => ({
    ...submission,
    ...(random.chance(0.75) ? growing(random, submission) : {}),
  }));
  const memory = {
    base,
    most: base * random.pick([1, 2, 3, 10, 100]),
    hungry: random.next() * 0.1,
    killing: isCalm(plain) || random.chance(0.5) ? 0 : random.next(),
  };
  // Of those alone that want more it is said that they ran out.
  return { ...plain, submissions, memory, mix: { ...plain.mix, blamed: 0 } };
}

function growing(random: Random, { retries }: SubmissionPlan): Pick<SubmissionPlan, "memoryOnOom" | "retries"> {
  const budgets = typeof retries === "object" ? retries : { user: retries };
  return { memoryOnOom: random.pick([1.5, 2, 4]), retries: { ...budgets, oom: random.whole(1, 4) } };
}

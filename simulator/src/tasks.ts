import { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** What a task does whenever it runs. */
export interface TaskPlan {
  readonly ms: number;
  /** Attempts that fail by the task's own fault. */
  readonly failures: number;
  readonly kind: "plain" | "large" | "bulky" | "poison" | "shaky";
  /** Bytes that it prints, at its begin and at its end. */
  readonly prints: number;
}

/** Inputs of a submission begin at its place times this: an input tells whose it is. */
export const inputsPerSubmission = 1_000_000;

export function taskPlan({ seed, mix }: Scenario, input: number): TaskPlan {
  const random = new Random(seed).fork(`task ${input}`);
  const drawn = random.next();
  const { poison, shaky, large, bulky } = mix;
  const kind =
    drawn < poison
      ? "poison"
      : drawn < poison + shaky
        ? "shaky"
        : drawn < poison + shaky + large
          ? "large"
          : drawn < poison + shaky + large + bulky
            ? "bulky"
            : "plain";
  const long = random.chance(mix.long) ? 100 : 1;
  return {
    ms: mix.even ? mix.mean : Math.min(random.exponential(mix.mean) * long, 300_000),
    failures: random.chance(mix.failing) ? random.whole(1, 4) : 0,
    kind,
    prints: random.chance(mix.chatty) ? random.pick([10, 1000, 40_000, 70_000, 1_200_000]) : 0,
  };
}

/** What the task returns for its input. */
export function valueOf(input: number): number {
  return (Math.imul(input + 1, 0x9e3779b1) >>> 0) % 1_000_003;
}

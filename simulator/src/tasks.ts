import { Random } from "./random.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { TaskMix } from "./scenario/task-mix.ts";

/** Who is to blame for an attempt that failed. */
export type TaskFault = "user" | "timeout" | "oom" | "infrastructure";

/** What a task does whenever it runs. */
export interface TaskPlan {
  readonly ms: number;
  /** Attempts that fail by the task's own fault. */
  readonly failures: number;
  /** Who is blamed for each of them. */
  readonly blames: readonly TaskFault[];
  /** Moment from which on it fails no more, in milliseconds of virtual time. */
  readonly mended: number;
  readonly kind: "plain" | "large" | "bulky" | "empty" | "huge" | "poison" | "shaky";
  /** How its input comes: as plain JSON, as what is more than that, or as a blob. */
  readonly input: "plain" | "rich" | "blob";
  /** Bytes that it prints, at its begin and at its end. */
  readonly prints: number;
  /** It wants more memory than usual, and runs out of less: then it fails, or takes its worker with it. */
  readonly hunger?: { readonly wants: number; readonly kills: boolean };
}

/** Inputs of a submission begin at its place times this: an input tells whose it is. */
export const inputsPerSubmission = 1_000_000;

export function taskPlan(scenario: Scenario, input: number): TaskPlan {
  const plain = plainPlan(scenario, input);
  const hunger = hungerOf(scenario, input);
  return hunger
    ? { ...plain, kind: "plain", failures: 0, blames: [], mended: Number.POSITIVE_INFINITY, hunger }
    : plain;
}

function hungerOf({ seed, memory }: Scenario, input: number): TaskPlan["hunger"] {
  if (!memory) return undefined;
  const random = new Random(seed).fork(`hunger ${input}`);
  if (!random.chance(memory.hungry)) return undefined;
  return { wants: memory.base * random.pick([1.2, 2, 3.5, 7, 30]), kills: random.chance(memory.killing) };
}

function plainPlan({ seed, mix }: Scenario, input: number): TaskPlan {
  const random = new Random(seed).fork(`task ${input}`);
  const drawn = random.next();
  const { poison, shaky, large, bulky, empty, huge } = mix;
  const kind = chosen(drawn, { poison, shaky, large, bulky, empty, huge });
  const long = random.chance(mix.long) ? 100 : 1;
  return {
    ms: Math.min(lengthOf(random, mix) * long, 300_000),
    ...failuresOf(random, mix, new Random(seed).fork(`broken ${input}`)),
    kind,
    input: chosen(new Random(seed).fork(`input ${input}`).next(), { rich: mix.rich, blob: mix.blobs }),
    prints: random.chance(mix.chatty) ? random.pick([10, 1000, 40_000, 70_000, 1_200_000]) : 0,
  };
}

function lengthOf(random: Random, { mean, sigma }: TaskMix): number {
  if (sigma === undefined) return random.exponential(mean);
  return mean * Math.exp(sigma * random.normal() - sigma ** 2 / 2);
}

function failuresOf(
  random: Random,
  { failing, broken, mended, blamed = 0 }: TaskMix,
  own: Random,
): Pick<TaskPlan, "failures" | "mended" | "blames"> {
  const failures = random.chance(failing) ? random.whole(1, 4) : 0;
  if (own.chance(broken)) return { failures: 100, mended, blames: [] };
  const blames = Array.from({ length: failures }, () =>
    own.chance(blamed) ? own.pick(["user", "oom", "infrastructure"] as const) : "user",
  );
  return { failures, mended: Number.POSITIVE_INFINITY, blames };
}

/** The first of these kinds whose share holds the number; `plain` has the rest. */
function chosen<Kind extends string>(drawn: number, shares: Readonly<Record<Kind, number>>): Kind | "plain" {
  let sum = 0;
  for (const [kind, share] of Object.entries<number>(shares) as [Kind, number][]) {
    sum += share;
    if (drawn < sum) return kind;
  }
  return "plain";
}

/** Who is to blame when it ends its worker. */
export function deathOf(input: number): "oom" | "user" {
  return input % 3 === 0 ? "oom" : "user";
}

/** The longest time that a task of the scenario takes, in milliseconds. */
export function longestTask(scenario: Scenario): number {
  let longest = 0;
  for (const [n, { tasks, timeout = Number.POSITIVE_INFINITY }] of scenario.submissions.entries())
    for (let index = 0; index < tasks; index++)
      longest = Math.max(longest, Math.min(timeout, taskPlan(scenario, n * inputsPerSubmission + index).ms));
  return longest;
}

/** What the task returns for its input. */
export function valueOf(input: number): number {
  return (Math.imul(input + 1, 0x9e3779b1) >>> 0) % 1_000_003;
}

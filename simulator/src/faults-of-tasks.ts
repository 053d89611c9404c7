import type { SubmissionOptions } from "../../packages/core/src/protocol/index.ts";
import type { TaskFault, TaskPlan } from "./tasks.ts";

/** What must become of a task that nothing happens to but its own plan. */
export interface Destiny {
  readonly status: "succeeded" | "failed";
  readonly attempts: number;
  readonly blame?: TaskFault;
}

/** Why this attempt fails, if it does. */
export function faultOf(plan: TaskPlan, attempt: number, timeout: number | undefined): TaskFault | undefined {
  if (plan.ms > (timeout ?? Number.POSITIVE_INFINITY)) return "timeout";
  return attempt <= plan.failures ? (plan.blames[attempt - 1] ?? "user") : undefined;
}

/** Each kind of failure has attempts of its own: what one of them used up is nothing to the others. */
export function destinyOf(plan: TaskPlan, options: SubmissionOptions): Destiny {
  const counts = new Map<TaskFault, number>();
  for (let attempt = 1; ; attempt++) {
    const blame = faultOf(plan, attempt, options.timeout);
    if (blame === undefined) return { status: "succeeded", attempts: attempt };
    const count = (counts.get(blame) ?? 0) + 1;
    counts.set(blame, count);
    if (count > furtherAttempts(options, blame)) return { status: "failed", attempts: attempt, blame };
  }
}

/** As it is promised to users. */
export function furtherAttempts({ retries, budgets }: SubmissionOptions, blame: TaskFault): number {
  return budgets?.[blame] ?? (blame === "infrastructure" ? 3 : retries);
}

import type { Blame } from "../outcome.ts";
import type { Item } from "./items.ts";
import type { Budgets, SubmissionOptions } from "./ledger.ts";

/** What failures are counted by. A spot loss is nobody's failure. */
export type Fault = Exclude<Blame, "spot">;

/** Which failures earn another attempt. */
export type BudgetOptions = Pick<SubmissionOptions, "retries" | "budgets">;

/**
 * Further attempts where the submission says nothing. What the machinery broke is worth some attempts at once: the next worker is
 * another one. A silent worker may have been unplugged, so that it takes several to prove something of a task.
 */
const usual = { infrastructure: 3, lost: 4 } as const;

/** Most attempts of a task, whatever was granted: keys have two digits for them. */
export const mostAttempts = 99;

/** Further attempts that failures of this kind earn, each kind for itself. */
export function budgetOf({ retries, budgets }: BudgetOptions, blame: Fault): number {
  return budgets?.[blame] ?? (blame === "infrastructure" || blame === "lost" ? usual[blame] : retries);
}

/** Failures so far. Of items that do not say it all were of one kind: the last one's. */
export function spentOf({ attempt, blame, spent }: Item): Budgets {
  if (spent) return spent;
  return attempt > 1 && blame !== "spot" ? { [blame ?? "user"]: attempt - 1 } : {};
}

/**
 * What the item of the next attempt says of its failures, after one more. undefined: there is no next attempt.
 *
 * As long as all failures are of one kind it says nothing: their number is the attempt's, and bodies stay small.
 */
export function spend(item: Item, blame: Fault, options: BudgetOptions): Pick<Item, "spent"> | undefined {
  const before = spentOf(item);
  const spent = { ...before, [blame]: (before[blame] ?? 0) + 1 };
  if ((spent[blame] ?? 0) > budgetOf(options, blame) || item.attempt >= mostAttempts) return undefined;
  return Object.keys(spent).length > 1 ? { spent } : {};
}

/** More memory for an attempt after one that ran out of it. */
export interface MemoryGrowth {
  /** How many times as much, more than 1. */
  readonly factor: number;
  /** The most bytes that a worker can have, as its backend says. Default: nobody knows. */
  readonly most?: number;
}

/** Bytes for the attempt after one that ran out of so many. More than {@link MemoryGrowth.most}: there is no larger worker. */
export function grown(memory: number, { factor, most = Number.POSITIVE_INFINITY }: MemoryGrowth): number {
  const more = Math.ceil(memory * factor);
  // The largest worker is worth a try, if this was not it.
  return memory < most ? Math.min(more, most) : more;
}

import type { AttachedSession, Extension, ExtendResult } from "@skyburst/core";
import { attachSession, usd } from "@skyburst/core";
import { leaveSupervised } from "../daemon/ensure-supervised.ts";
import { CliError } from "../errors.ts";
import type { Budget, Deadline } from "../limits.ts";
import { printResult } from "../output/print-result.ts";
import { money } from "../output/money.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";

export interface ExtendFlags extends FleetFlags {
  readonly deadline?: Deadline;
  readonly budget?: Budget;
  readonly warnAt?: Budget;
  /** Dollars per hour. */
  readonly maxRate?: number;
}

/** Moves the limits of a session, and sees to it that somebody goes on with what was paused for it. */
export async function extend(called: string, flags: ExtendFlags): Promise<number> {
  const { deadline, budget, warnAt, maxRate, ...fleet } = flags;
  if ([deadline, budget, warnAt, maxRate].every((limit) => limit === undefined))
    throw new CliError("usage", "extend needs --deadline, --budget, --warn-at or --max-rate: by how much, or to what.");
  const stack = await composeStack(fleet);
  const session = await attachSession(stack.store, called);
  const result = await session.extend({
    ...(deadline === undefined ? {} : { deadline: moment(deadline) }),
    ...(budget === undefined ? {} : { budget: "more" in budget ? { by: usd(budget.more) } : usd(budget.amount) }),
    ...(warnAt === undefined ? {} : { warnAt: usd(await amountToWarnAt(session, warnAt)) }),
    ...(maxRate === undefined ? {} : { maxRate: usd(maxRate).perHour }),
  });
  await leaveSupervised(session, stack, fleet);
  await printResult(flags, { session: session.id, ...result }, describe(session.id, result));
  return 0;
}

function moment(deadline: Deadline): NonNullable<Extension["deadline"]> {
  return "at" in deadline ? deadline.at : { by: deadline.later };
}

async function amountToWarnAt(session: AttachedSession, change: Budget): Promise<number> {
  if ("amount" in change) return change.amount;
  const { warnAt } = await session.status();
  if (warnAt) return warnAt.amount + change.more;
  throw new CliError(
    "usage",
    `--warn-at +${change.more}: ${session.id} has no amount to warn at. Give --warn-at ${change.more} to set one.`,
  );
}

function describe(id: string, { deadline, budget, warnAt, maxRate, resumed }: ExtendResult): string {
  const limits = [
    deadline === undefined ? "" : `until ${new Date(deadline).toISOString()}`,
    budget === undefined ? "" : `for at most ${money(budget)}`,
    maxRate === undefined ? "" : `at ${money(maxRate)}/h at most`,
    warnAt === undefined ? "" : `and tells when it has cost ${money(warnAt)}`,
  ].filter((limit) => limit !== "");
  return `${id} ${resumed ? "goes on" : "may go on"} ${limits.join(", ")}`;
}

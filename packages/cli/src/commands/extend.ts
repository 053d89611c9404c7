import type { AttachedSession, Extension, ExtendResult } from "@skyburst/core";
import { attachSession, usd } from "@skyburst/core";
import { leaveSupervised } from "../daemon/ensure-supervised.ts";
import { CliError } from "../errors.ts";
import type { Budget, Deadline } from "../limits.ts";
import { printResult } from "../output/print-result.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";

export interface ExtendFlags extends FleetFlags {
  readonly deadline?: Deadline;
  readonly budget?: Budget;
}

/** Moves a deadline or a budget, and sees to it that somebody goes on with what was paused for it. */
export async function extend(called: string, flags: ExtendFlags): Promise<number> {
  const { deadline, budget, ...fleet } = flags;
  if (deadline === undefined && budget === undefined)
    throw new CliError("usage", "extend needs --deadline or --budget: by how much, or until when.");
  const stack = await composeStack(fleet);
  const session = await attachSession(stack.store, called);
  const result = await session.extend({
    ...(deadline === undefined ? {} : { deadline: moment(deadline) }),
    ...(budget === undefined ? {} : { budget: usd(await amount(session, budget)) }),
  });
  await leaveSupervised(session, stack, fleet);
  await printResult(flags, { session: session.id, ...result }, describe(session.id, result));
  return 0;
}

function moment(deadline: Deadline): NonNullable<Extension["deadline"]> {
  return "at" in deadline ? deadline.at : { by: deadline.later };
}

async function amount(session: AttachedSession, budget: Budget): Promise<number> {
  if ("amount" in budget) return budget.amount;
  const { budget: before } = await session.status();
  if (before) return before.amount + budget.more;
  throw new CliError(
    "usage",
    `--budget +${budget.more}: ${session.id} has no budget to be raised. Give --budget ${budget.more} to set one.`,
  );
}

function describe(id: string, { deadline, budget, resumed }: ExtendResult): string {
  const limits = [
    deadline === undefined ? "" : `until ${new Date(deadline).toISOString()}`,
    budget === undefined ? "" : `for at most ${budget.amount} ${budget.currency}`,
  ].filter((limit) => limit !== "");
  return `${id} ${resumed ? "goes on" : "may go on"} ${limits.join(", ")}`;
}

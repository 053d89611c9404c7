import type { CostEstimator } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import type { Budget, Ledger, Operation } from "../../protocol/ledger.ts";
import type { Extension, ExtendResult } from "../attached.ts";
import { checkMoney, plainMoney, shownMoney } from "../budget.ts";
import type { Place } from "../place.ts";
import { removedSession, standingSession } from "../standing-session.ts";
import { checkMaxRate } from "../worker-rate.ts";

/** Moves a session's limits: its deadline, and those of its money. @param costs By which a `maxRate` is judged, where they know. */
export async function extendSession(place: Place, to: Extension, costs: CostEstimator): Promise<ExtendResult> {
  const { id, view } = place;
  if (Object.values(to).every((value) => value === undefined))
    throw new SkyburstError("option", "extend needs a deadline, a budget, a warnAt or a maxRate to be moved to.");
  for (;;) {
    const before = await standingSession(place);
    if (before.cancelled) throw new SkyburstError("session", `Session ${id} was cancelled: nothing of it goes on.`);
    const operation = await extensionOf(place, before, to, costs);
    let paused = false;
    const written = await view.append({
      operations: [operation],
      admissible: (ledger) => {
        paused = ledger.paused !== undefined;
        // What is to be more than it was is counted anew when somebody else has moved it.
        return !ledger.cancelled && (!isMore(to.budget) || sameBudget(ledger, before));
      },
    });
    if (written) return resultOf(view.current, paused);
    if (view.current.removed) throw removedSession(id);
  }
}

async function extensionOf(place: Place, before: Ledger, to: Extension, costs: CostEstimator): Promise<Operation> {
  const { id, facts } = place;
  const { deadline, warnAt, maxRate } = to;
  const budget = budgetOf(before, to.budget, id);
  if (budget !== undefined) checkMoney("budget", budget);
  if (warnAt !== undefined) checkMoney("warnAt", warnAt);
  if (maxRate !== undefined) {
    checkMoney("maxRate", maxRate);
    await checkMaxRate(costs, before.session.fleet?.spec ?? {}, maxRate);
  }
  return {
    op: "extend",
    ...(deadline === undefined ? {} : { deadline: deadlineOf(before, deadline, await facts.now(), id) }),
    ...(budget === undefined ? {} : { budget: plainMoney(budget) }),
    ...(warnAt === undefined ? {} : { warnAt: plainMoney(warnAt) }),
    ...(maxRate === undefined ? {} : { maxRate: plainMoney(maxRate) }),
  };
}

function resultOf({ session, paused: still }: Ledger, paused: boolean): ExtendResult {
  const { deadline, budget, warnAt, maxRate } = session;
  return {
    ...(deadline === undefined ? {} : { deadline }),
    ...(budget === undefined ? {} : { budget }),
    ...(warnAt === undefined ? {} : { warnAt }),
    ...(maxRate === undefined ? {} : { maxRate }),
    resumed: paused && still === undefined,
  };
}

function budgetOf({ session }: Ledger, given: Extension["budget"], id: string): Budget | undefined {
  if (!isMore(given)) return given;
  const { by } = given;
  checkMoney("budget", by);
  const { budget } = session;
  if (!budget)
    throw new SkyburstError(
      "option",
      `Session ${id} has no budget to be raised. Give the amount itself to set one, as ${shownMoney(by)}.`,
    );
  if (budget.currency !== by.currency)
    throw new SkyburstError("option", `The budget is in ${budget.currency}; it can't be raised by ${shownMoney(by)}.`);
  return { amount: budget.amount + by.amount, currency: by.currency };
}

function isMore(budget: Extension["budget"]): budget is { readonly by: Budget } {
  return budget !== undefined && "by" in budget;
}

function sameBudget({ session: { budget } }: Ledger, { session: { budget: before } }: Ledger): boolean {
  return budget?.amount === before?.amount && budget?.currency === before?.currency;
}

function deadlineOf({ session }: Ledger, given: NonNullable<Extension["deadline"]>, now: number, id: string): number {
  const absolute = typeof given === "number" ? given : given instanceof Date ? given.getTime() : undefined;
  if (absolute !== undefined) return checkDeadline(absolute, now);
  const by = (given as { readonly by: number }).by;
  if (!Number.isFinite(by) || by <= 0)
    throw new SkyburstError(
      "option",
      `deadline.by is ${by} ms; it has to be more than 0. To move a deadline nearer, give the time itself.`,
    );
  // What has no deadline would get one, which is nearer than never.
  if (session.deadline === undefined)
    throw new SkyburstError(
      "option",
      `Session ${id} has no deadline that could be moved. Give the time itself to set one.`,
    );
  return Math.round(Math.max(session.deadline, now) + by);
}

/** @throws {SkyburstError} `option` when it is no time, or has passed. */
export function checkDeadline(deadline: number, now: number): number {
  if (!Number.isFinite(deadline))
    throw new SkyburstError("option", "deadline is no time: give a Date, or milliseconds since the epoch.");
  if (deadline <= now)
    throw new SkyburstError(
      "option",
      `deadline is ${new Date(deadline).toISOString()}, which has passed: by the store's clock it is ${new Date(now).toISOString()}.`,
    );
  return Math.round(deadline);
}

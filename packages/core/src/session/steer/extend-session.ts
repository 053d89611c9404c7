import { SkyburstError } from "../../errors.ts";
import type { Ledger, Operation } from "../../protocol/ledger.ts";
import type { Extension, ExtendResult } from "../attached.ts";
import { checkBudget } from "../budget.ts";
import type { Place } from "../place.ts";
import { removedSession, standingSession } from "../standing-session.ts";

/** Moves a session's deadline or budget. */
export async function extendSession(place: Place, { deadline, budget }: Extension): Promise<ExtendResult> {
  const { id, facts, view } = place;
  if (deadline === undefined && budget === undefined)
    throw new SkyburstError("option", "extend needs a deadline or a budget to be moved to.");
  const before = await standingSession(place);
  if (before.cancelled) throw new SkyburstError("session", `Session ${id} was cancelled: nothing of it goes on.`);
  if (budget !== undefined) checkBudget(budget);
  const now = await facts.now();
  const to = deadline === undefined ? undefined : deadlineOf(before, deadline, now, id);
  const operation: Operation = {
    op: "extend",
    ...(to === undefined ? {} : { deadline: to }),
    ...(budget === undefined ? {} : { budget }),
  };
  let paused = false;
  const written = await view.append({
    operations: [operation],
    admissible: (ledger) => {
      paused = ledger.paused !== undefined;
      return !ledger.cancelled;
    },
  });
  if (!written) throw removedSession(id);
  const { session } = view.current;
  return {
    ...(session.deadline === undefined ? {} : { deadline: session.deadline }),
    ...(session.budget === undefined ? {} : { budget: session.budget }),
    resumed: paused && view.current.paused === undefined,
  };
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

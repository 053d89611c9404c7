import { stateOf } from "./fold.ts";
import type { Ledger, Operation } from "./ledger.ts";

/** Why nobody works on in a session that has more to do. */
export type Limit =
  /** Somebody said that the deadline, or the budget, is reached. */
  | "paused"
  /** Nobody said so yet. */
  | "deadline"
  /** What was agreed to be spent is spent, unless a supervisor says otherwise. */
  | "horizon";

/** The limit that the session has reached at this store time. A pause for its crashes only ends new leases. */
export function limitReached(ledger: Ledger, now: number): Limit | undefined {
  const { paused, horizon } = ledger;
  if (paused && paused.because !== "crashes") return "paused";
  if (!paused && (ledger.session.deadline ?? Number.POSITIVE_INFINITY) <= now) return "deadline";
  return horizon !== undefined && horizon.until <= now ? "horizon" : undefined;
}

/** Milliseconds until a limit is reached that is known now; infinite when there is none. */
export function untilLimit({ session, horizon, paused }: Ledger, now: number): number {
  const deadline = paused ? undefined : session.deadline;
  return Math.min(deadline ?? Number.POSITIVE_INFINITY, horizon?.until ?? Number.POSITIVE_INFINITY) - now;
}

/** Operations that stand only behind a ledger of which `admissible` holds. */
export interface Proposal {
  readonly operations: readonly Operation[];
  admissible(ledger: Ledger): boolean;
}

/** What whoever sees the deadline reached writes, unless it was moved meanwhile. `now`: the store's clock. */
export function deadlinePause({ session: { deadline = 0 } }: Ledger, now: () => number): Proposal {
  const message = `its deadline, ${new Date(deadline).toISOString()}, has passed`;
  return {
    operations: [{ op: "pause", because: "deadline", message }],
    admissible: (ledger) => ledger.session.deadline === deadline && limitReached(ledger, now()) === "deadline",
  };
}

/** What whoever saw an open session idle for its whole idle timeout writes, unless something was added meanwhile. */
export function idleEnd({ rev }: Ledger): Proposal {
  return {
    operations: [{ op: "end" }],
    admissible: (ledger) => ledger.rev === rev && stateOf(ledger) === "open",
  };
}

import { jsonBody } from "../../protocol/lines.ts";
import { randomText } from "../../runtime.ts";
import type { CancelOptions, CancelResult } from "../attached.ts";
import { clientClaimer } from "./client-claimer.ts";
import { drain } from "./drain.ts";
import type { Place } from "../place.ts";
import { mayLive, readPresence } from "../status/presence.ts";
import { checkTasks, removedSession, standingSession } from "../standing-session.ts";
import { readStatus } from "../status/status.ts";
import { taskOutcome } from "./task-outcome.ts";

/** Cancels all of a session, or some of its tasks. */
export async function cancelSession(place: Place, options: CancelOptions = {}): Promise<CancelResult> {
  const { task, because = "somebody said so" } = options;
  await standingSession(place);
  if (task === undefined) return cancelAll(place, because);
  return cancelTasks(
    place,
    [...new Set([task].flat())].sort((a, b) => a - b),
    because,
  );
}

async function cancelAll(place: Place, because: string): Promise<CancelResult> {
  const { id, facts, keys, view } = place;
  const before = await readStatus(facts, keys, view);
  // What is cancelled could never be retried, and here nothing is left to be cancelled.
  if (before.state === "done") return { tasks: 0, left: 0 };
  if (!view.current.cancelled) {
    await view.append({
      operations: [{ op: "cancel", because }],
      admissible: (ledger) => !ledger.cancelled,
    });
  }
  if (view.current.removed) throw removedSession(id);
  await endHere(place, {});
  const after = await readStatus(facts, keys, view);
  return { tasks: before.running + before.pending, left: after.running + after.pending };
}

async function cancelTasks(place: Place, tasks: readonly number[], because: string): Promise<CancelResult> {
  const { id, view } = place;
  checkTasks(place, tasks);
  const open = await without(place, tasks);
  const named = new Set(view.current.cancelledTasks);
  if (open.some((task) => !named.has(task))) {
    const operations = [{ op: "cancelTask" as const, tasks: open, because }];
    if (!(await view.append({ operations, admissible: () => true }))) throw removedSession(id);
  }
  // A living worker does this itself, and stops what runs; two at a time would only take the work from each other.
  if (open.length > 0 && !(await anybodyWorks(place))) await endHere(place, { tasks: open });
  return { tasks: open.length, left: (await without(place, open)).length };
}

/** Those that have no outcome. */
async function without(place: Place, tasks: readonly number[]): Promise<number[]> {
  const open: number[] = [];
  for (const task of tasks) if ((await taskOutcome(place, task)) === undefined) open.push(task);
  return open;
}

async function anybodyWorks({ facts, keys, view }: Place): Promise<boolean> {
  const { ttl } = view.current.session;
  const presence = await readPresence(facts, keys, ttl);
  return presence.supervisor?.alive === true || presence.workers.some((worker) => mayLive(worker, presence, ttl, 0));
}

/** In a name of its own, which is given up at the end: what it leased and did not finish is anybody's at once. */
async function endHere(
  { facts, keys, runtime, view }: Place,
  what: { readonly tasks?: readonly number[] },
): Promise<void> {
  const owner = `client.${randomText(runtime, 8)}`;
  const grace = Math.max(0, ...view.current.submissions.map(({ options }) => options.grace));
  try {
    await drain({ claimer: clientClaimer(facts, keys, view, owner), runtime, view, grace, ...what });
  } finally {
    // Where all is being deleted nobody waits for what it held.
    if (!view.current.removed) await facts.create(keys.gone(owner), jsonBody({ v: 1, reason: "stopped", by: owner }));
  }
}

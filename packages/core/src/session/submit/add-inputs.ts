import { SkyburstError } from "../../errors.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { randomText } from "../../runtime.ts";
import type { Submitted, SubmitterIdentity } from "../attached.ts";
import type { Feed } from "./feed.ts";
import type { Place } from "../place.ts";
import { standingSession } from "../standing-session.ts";
import { checkSubmissionId } from "./submission-id.ts";
import { submitFeed } from "./submit-feed.ts";
import { Submitter } from "./submitter.ts";

/** Submits more of what the session's newest submission runs, as a submission of its own. */
export async function addInputs(
  place: Place,
  feed: Feed,
  { id: named, signal = new AbortController().signal }: SubmitterIdentity,
): Promise<Submitted> {
  const { facts, keys, view } = place;
  const id = named ?? randomText(place.runtime, 12);
  checkSubmissionId(id);
  const ledger = await standingSession(place);
  const there = view.submission(id);
  const like = there ?? ledger.submissions.at(-1);
  if (!like)
    throw new SkyburstError("session", `Session ${place.id} has no task yet that more inputs could be added for.`);
  if (!there && !isOpen(ledger)) throw closedSession(place);
  const submitter = new Submitter({
    facts,
    keys,
    view,
    submission: id,
    slots: plannedSlots(ledger),
    grown: ignore,
    mayBegin: isOpen,
  });
  submitter.open(like.task, like.options);
  try {
    await submitFeed({ submitter, opened: Promise.resolve(), feed, signal, goesOn: () => false });
    signal.throwIfAborted();
  } catch (error) {
    // Nobody knows under which id to go on.
    if (named === undefined) await submitter.cancel("its inputs did not come to their end").catch(() => false);
    throw error;
  }
  const tasks = view.submission(id)?.tasks ?? 0;
  return { submission: id, tasks, added: tasks - (there?.tasks ?? 0) };
}

function isOpen({ removed, cancelled, submissions }: Ledger): boolean {
  return removed !== true && !cancelled && submissions.some(({ ended }) => !ended);
}

function closedSession({ id, view }: Place): SkyburstError {
  const what = view.current.cancelled ? "was cancelled" : "has ended";
  return new SkyburstError("session", `Session ${id} ${what}: nothing can be added to it. Submit to a new one.`);
}

/** Tasks that the fleet runs at a time that the session was opened with. */
function plannedSlots({ session: { fleet } }: Ledger): number {
  const slots = fleet?.spec.slots;
  return Math.max(1, (fleet?.workers ?? 1) * (typeof slots === "number" ? slots : 1));
}

function ignore(): void {
  // The session's supervisor sees it in the ledger.
}

import type { Submitted } from "../attached.ts";
import { beginSubmission } from "./begin-submission.ts";
import type { Feed } from "./feed.ts";
import { opening } from "./opening.ts";
import type { TaskSource } from "./resolve-task.ts";
import { checkSubmissionId } from "./submission-id.ts";
import { cancelSubmission } from "./submission.ts";
import type { RunOptions, SubmissionHost } from "./submission.ts";
import { submitFeed } from "./submit-feed.ts";

export interface SubmitAllOptions extends RunOptions {
  readonly id: string;
  /** Somebody knows the id, and may go on under it. */
  readonly named: boolean;
  readonly open: boolean;
}

/**
 * Submits without collecting. The submission is the session's own from then on: that its client leaves changes nothing. What stops in
 * the middle is left open where it can be gone on with under its id, and else cancelled.
 */
export async function submitAll(
  host: SubmissionHost,
  source: TaskSource | Function,
  feed: Feed,
  { id, named, open, ordered: _ordered, signal: own, ...options }: SubmitAllOptions,
): Promise<Submitted> {
  const { view, supervisor } = host;
  checkSubmissionId(id);
  const signal = own ? AbortSignal.any([host.signal, own]) : host.signal;
  signal.throwIfAborted();
  await view.follow();
  const before = view.submission(id)?.tasks ?? 0;
  const submitter = beginSubmission(host, id, source, feed, options);
  try {
    await submitFeed({
      submitter,
      opened: opening(host, submitter, source, options),
      feed,
      signal,
      goesOn: () => false,
      staysOpen: open,
    });
    signal.throwIfAborted();
  } catch (error) {
    if (!named) await cancelSubmission(host, submitter, id, options.grace, true);
    throw error;
  } finally {
    // From here on it is nobody's own: what is left of it is read from the store.
    supervisor.forget(id);
  }
  const tasks = view.submission(id)?.tasks ?? 0;
  return { submission: id, tasks, added: tasks - before };
}

import type { Claimer } from "../../protocol/claim.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { SubmissionOptions, TaskSpec } from "../../protocol/ledger.ts";
import type { MemoryGrowth } from "../../protocol/budgets.ts";
import type { Runtime } from "../../runtime.ts";
import { collect } from "../collect/collector.ts";
import type { OutcomeLines } from "../collect/collector.ts";
import { drain } from "../steer/drain.ts";
import { beginSubmission } from "./begin-submission.ts";
import { ahead } from "./feed.ts";
import type { Feed } from "./feed.ts";
import type { LedgerView } from "../ledger-view.ts";
import { opening } from "./opening.ts";
import type { TaskSource } from "./resolve-task.ts";
import { submitFeed } from "./submit-feed.ts";
import type { Submitter } from "./submitter.ts";
import type { Supervisor } from "../supervise/supervisor.ts";

/** What a submission tells of its work, and asks of who keeps the workers. */
export type WorkSupervisor = Pick<
  Supervisor,
  "expect" | "grown" | "finished" | "forget" | "progressed" | "failure" | "state" | "stop" | "leave"
>;

export interface SubmissionHost {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly supervisor: WorkSupervisor;
  /** Tasks that the planned fleet runs at a time. */
  readonly slots: number;
  /** Fires when the session closes. */
  readonly signal: AbortSignal;
  readonly claimer: Claimer;
  /** How the ledger names a task, once its program is in the store. */
  readonly resolve: (source: TaskSource | Function) => Promise<TaskSpec>;
  /** With the most memory that there is. */
  readonly growth: (growth: MemoryGrowth) => Promise<MemoryGrowth>;
  /** Rejects when nobody is there who does the work; for clients that keep no workers themselves. */
  readonly attended?: (() => Promise<void>) | undefined;
  /** The session closes without cancelling: what was read of the inputs is submitted, and workers go on. */
  readonly detached: () => boolean;
}

export interface RunOptions extends SubmissionOptions {
  readonly ordered: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One submission of this client: its inputs go in while its outcomes come out. It ends as cancelled when the consumer
 * stops early, when the signal fires, when the session closes, or when the inputs fail. Returns true when all outcomes were
 * told.
 */
export async function* runSubmission(
  host: SubmissionHost,
  id: string,
  source: TaskSource | Function,
  feed: Feed,
  options: RunOptions,
): AsyncGenerator<OutcomeLines, true> {
  const { facts, keys, runtime, view, supervisor } = host;
  const signal = options.signal ? AbortSignal.any([host.signal, options.signal]) : host.signal;
  signal.throwIfAborted();
  const flow = new Flow();
  const stop = new AbortController();
  const submitter = beginSubmission(host, id, source, feed, options);
  let failure: { readonly error: unknown } | undefined;
  const submitting = submit(host, submitter, source, feed, options, flow, stop.signal).catch((error: unknown) => {
    failure = { error };
    stop.abort();
  });
  const collecting = collect({
    facts,
    keys,
    runtime,
    view,
    submission: id,
    ordered: options.ordered,
    wait: true,
    signal: AbortSignal.any([signal, stop.signal]),
    failure: () => supervisor.failure,
    attended: host.attended,
    finished: () => supervisor.finished(id),
  });
  let complete = false;
  let stopped = false;
  try {
    for await (const lines of collecting) {
      supervisor.progressed(id, lines.commit.header);
      yield lines;
      flow.collected(lines.count);
    }
    await submitting;
    complete = failure === undefined;
  } catch (error) {
    stopped = true;
    // What made the collecting stop, not that it was stopped.
    if (failure) throw failure.error;
    throw signal.aborted ? signal.reason : error;
  } finally {
    // Inputs that are all at hand are submitted even by a client that leaves.
    if (!host.detached() || feed.count === undefined) stop.abort();
    flow.collected(Number.POSITIVE_INFINITY);
    await submitting;
    // What a pause stopped can be resumed.
    const goesOn = complete || host.detached() || view.current.paused !== undefined;
    if (goesOn) supervisor.forget(id);
    else await cancelSubmission(host, submitter, id, options.grace, stopped);
  }
  if (failure) throw failure.error;
  return true;
}

/** Ends what is left of a submission as cancelled. @param failed There is an error to tell already. */
export async function cancelSubmission(
  { claimer, runtime, view, supervisor }: Pick<SubmissionHost, "claimer" | "runtime" | "view" | "supervisor">,
  submitter: Submitter,
  submission: string,
  grace: number,
  failed: boolean,
): Promise<void> {
  try {
    if (await submitter.cancel("the client stopped collecting"))
      await drain({ claimer, runtime, view, submission, grace });
  } catch (error) {
    // A store that takes no cancel is most often what made the collecting stop: the first error says more.
    if (!failed) throw error;
  } finally {
    supervisor.forget(submission);
  }
}

async function submit(
  host: SubmissionHost,
  submitter: Submitter,
  source: TaskSource | Function,
  feed: Feed,
  options: RunOptions,
  flow: Flow,
  signal: AbortSignal,
): Promise<void> {
  const { ordered: _ordered, signal: _signal, ...submissionOptions } = options;
  await submitFeed({
    submitter,
    opened: opening(host, submitter, source, submissionOptions),
    feed,
    signal,
    goesOn: host.detached,
    submitted: (count) => flow.submitted(count),
    room: () => flow.room(ahead),
  });
}

/** How far the inputs are ahead of the outcomes. */
class Flow {
  #ahead = 0;
  #waiting: (() => void) | undefined;

  submitted(count: number): void {
    this.#ahead += count;
  }

  collected(count: number): void {
    this.#ahead -= count;
    this.#waiting?.();
  }

  async room(limit: number): Promise<void> {
    while (this.#ahead > limit) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }
}

import type { Outcome } from "../outcome.ts";
import type { Budget } from "../protocol/ledger.ts";
import type { OutcomeLines } from "./collect/collector.ts";
import type { HourlyRate } from "./budget.ts";
import type { SessionEvent } from "./events/event.ts";
import type { Feed } from "./submit/feed.ts";
import type { Removed, RemoveOptions } from "./remove/remove-session.ts";
import type { SessionLogs } from "./logs/session-logs.ts";
import type { Receipt } from "./status/receipt.ts";
import type { SessionStatus, StatusOptions } from "./status/status.ts";
import type { SessionUsage } from "./status/usage.ts";

/**
 * A session as anybody can use it who has its store, from any machine: to look, to collect, to steer. It needs no backend, and
 * starts no worker: what it asks for is done by the session's workers, and kept up by its supervisor.
 *
 * Every operation of it reads what others did meanwhile first. An operation on a session that was removed rejects with
 * `session`.
 */
export interface AttachedSession {
  readonly id: string;

  /** Counts from the store, whoever works on it. */
  status(options?: StatusOptions): Promise<SessionStatus>;

  /** What everybody asked of the store who worked on the session, as they last said, and this process. One GET for each of them. */
  usage(): Promise<SessionUsage>;

  /**
   * What the session has cost so far, by kind, and what came to nothing: to be told while it runs, and at its end. What nobody knows the
   * price of is named, and not counted as free.
   */
  receipt(): Promise<Receipt>;

  /**
   * Outcomes of all submissions in the order of the session's tasks, each once: of a task that was run again after it had
   * failed, the newest. Any number of readers may read at a time, each of them everything.
   *
   * @typeParam T What the tasks return; it is not checked.
   * @throws {SkyburstError} while iterating: `option` for a cursor that is none. With `wait`: `paused`, `session` when the
   * session is removed, `workers` when nobody is there who could go on.
   */
  outcomes<T = unknown>(options?: ReadOptions): Reading<Outcome<T>>;

  /**
   * The same for programs that work on lines, as the command does: runs of outcome lines as they are stored. The bytes are valid
   * until the next lines are asked for.
   */
  outcomeLines(options?: ReadOptions): Reading<OutcomeLines>;

  /**
   * Everything that happened in the session, from its begin on: complete for one that is over, live for one that runs, from any
   * machine. Each event once.
   *
   * Order: what a look at the store finds that is new is told by `at`, and nothing before what it follows from: an outcome behind
   * its lease, a lease behind the turn before, a worker's last word behind its birth. So a session that is over is told in order of time.
   * While it runs, an event may come behind one that is younger, if the store showed it later. What changed nothing may be left out:
   * a lease that was taken when its turn was done already.
   *
   * Requests: a look is some 10 LISTs, a page more for each 1,000 chunks from the first one on that is not over, and for each 1,000
   * batches that are new. Read are entries of the ledger, launches, ends of workers, and commits of which not all succeeded.
   *
   * @throws {SkyburstError} `option` for a cursor that is none, or one of another session. While iterating: `session` when it was
   * removed before. With `wait`: `paused`, `workers` when nobody is there who could go on.
   */
  events(options?: EventOptions): EventReading;

  /** Tasks that were submitted, and whether there may be more, as far as this object has read. */
  expected(): { readonly tasks: number; readonly open: boolean };

  /** Logs of all tasks, or of the one with this index in the session. @throws {SkyburstError} `option` when there is no such task. */
  logs(task?: number): SessionLogs;

  /**
   * Adds inputs to an open session: a new submission of the task and options of its newest one. Several processes may add at a
   * time. Resolves when all is stored.
   *
   * @throws {SkyburstError} `session` when it is not open, or holds no task yet; `input`.
   */
  add(feed: Feed, options?: SubmitterIdentity): Promise<Submitted>;

  /** Says that no more inputs will come: ends every open submission. Idempotent. */
  end(): Promise<{ /** Those that were open. */ readonly submissions: number }>;

  /**
   * Stops running tasks and starts no more, for good: all of the session, or some of its tasks. What has its outcome keeps it.
   * Idempotent. Needs no worker: what nobody holds is ended here; what a living worker holds, it ends.
   *
   * @throws {SkyburstError} `option` when there is no such task.
   */
  cancel(options?: CancelOptions): Promise<CancelResult>;

  /**
   * Moves the deadline, the budget, what is to be warned of, or what may be spent per hour. What was paused for the old deadline or
   * budget goes on, once somebody works on it.
   *
   * @throws {SkyburstError} `option` when it would not be later, or pays for no worker; `session` when the session is cancelled.
   */
  extend(to: Extension): Promise<ExtendResult>;

  /**
   * Runs failed tasks again, from their first attempt, whether the session goes on or has ended: all of them, or some. A session
   * that is paused for its crashes goes on. Without `task` and with nothing failed, it writes nothing.
   *
   * @throws {SkyburstError} `session` when a task did not fail, or its submission is cancelled; `option` when there is no such task.
   */
  retryFailed(options?: { readonly task?: number | readonly number[] | undefined }): Promise<RetryResult>;

  /**
   * Deletes the session: says so first, stops its workers where a backend is given, waits until none can be alive, deletes its objects.
   * It is hidden from lists at once. Idempotent: what was interrupted goes on. What workers that slept through it leave, and the
   * ledger, are taken away by `gc`.
   */
  remove(options?: RemoveOptions): Promise<Removed>;
}

export interface ReadOptions {
  /** Where another reading stopped: its `cursor`. Default: the first task. */
  readonly from?: string | undefined;
  /** Waits for what is not there yet, until the session has ended and all is told. Default false: ends at the first gap. */
  readonly wait?: boolean | undefined;
  /** Only tasks that failed. Default false. */
  readonly failed?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EventOptions {
  /** Where another reading stopped: its `cursor`. Default: the session's begin. */
  readonly from?: string | undefined;
  /**
   * Looks again, after 0.05 to 1 s on a directory and 1 to 10 s on S3, until the session is over, or removed, and its workers have
   * said their last word or were silent for a TTL. Default false: tells what is there and ends.
   */
  readonly wait?: boolean | undefined;
  /** Also what became of each task, in the `outcomes` of each `committed`: reads every commit, one GET each. Default false. */
  readonly outcomes?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Events on their way. It can be iterated once. */
export interface EventReading extends AsyncIterable<SessionEvent> {
  /**
   * Behind the event that was given out last: from here another reading, anywhere, goes on. Made when it is asked for. Text, some
   * tens of characters for a session that is over, and some for each worker and each chunk that runs.
   */
  readonly cursor: string;
}

/** Outcomes on their way. It can be iterated once. */
export interface Reading<T> extends AsyncIterable<T> {
  /**
   * Behind what was given out last: from here another reading, anywhere, goes on. It says up to which task all was told, and as of
   * how many retries (`<retries>.<task>`): what was told as failed and is run again later is told again behind it.
   */
  readonly cursor: string;
  /** Every task of a session that has ended was told. */
  readonly complete: boolean;
  /** Index in the session of the task that comes next. */
  readonly next: number;
}

export interface SubmitterIdentity {
  /**
   * Names the submission: 1 to 64 letters, digits, `-` and `_`. A submitter that was killed and is started again with the same
   * inputs under the same id goes on where it was, and one that had come to its end adds nothing. Default: a new one.
   */
  readonly id?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Submitted {
  readonly submission: string;
  /** Inputs of the submission, now that all are stored. */
  readonly tasks: number;
  /** Of these, what was not there before: less when a submitter went on, or had come to its end. */
  readonly added: number;
}

export interface CancelOptions {
  /** Index in the session, or several. Default: all tasks, and those to come. */
  readonly task?: number | readonly number[] | undefined;
  /** Kept with the cancel. Default: `somebody said so`. */
  readonly because?: string | undefined;
}

export interface CancelResult {
  /** Tasks that the cancel found without an outcome. */
  readonly tasks: number;
  /** Of these, what had none yet when this returned: a worker holds it, and ends it as soon as it hears of the cancel. */
  readonly left: number;
}

/** At least one of them. */
export interface Extension {
  /**
   * When nothing is started any more. A `Date`, or milliseconds since the epoch: then, be it sooner or later than before. `by`:
   * so many milliseconds later than it is, or from now on when it has passed.
   */
  readonly deadline?: Date | number | { readonly by: number } | undefined;
  /** What may be spent in all. `by`: so much more than that. */
  readonly budget?: Budget | { readonly by: Budget } | undefined;
  /** Of what spending to say so, once more. */
  readonly warnAt?: Budget | undefined;
  /** What the workers may cost per hour, all together. */
  readonly maxRate?: HourlyRate | undefined;
}

export interface ExtendResult {
  /** Milliseconds since the epoch, on the store's clock. */
  readonly deadline?: number | undefined;
  readonly budget?: Budget | undefined;
  readonly warnAt?: Budget | undefined;
  /** Per hour. */
  readonly maxRate?: Budget | undefined;
  /** It was paused, and goes on. */
  readonly resumed: boolean;
}

export interface RetryResult {
  /** Failed tasks that run again. */
  readonly tasks: number;
  /** It was paused for its crashes, and goes on. */
  readonly resumed: boolean;
}

import type { CommitHeader } from "../../protocol/commit.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger, Submission } from "../../protocol/ledger.ts";
import type { Runtime } from "../../runtime.ts";
import type { LedgerView } from "../ledger-view.ts";
import { supervisorPace } from "./supervisor-lease.ts";
import { TaskTimes } from "./task-times.ts";
import type { TaskPace } from "./task-times.ts";
import { UnfinishedChunks } from "./unfinished-chunks.ts";
import type { Unfinished } from "./unfinished-chunks.ts";

/** What is left to do, as far as is known. */
export interface Left {
  readonly chunks: number;
  /** More is coming, of unknown size. */
  readonly open: boolean;
  /** Tasks, and the seconds that all of them take one slot. undefined: nobody knows how long they take. */
  readonly work?: { readonly tasks: number; readonly seconds: number } | undefined;
}

/** A submission of this client. */
interface OwnWork {
  /** Its inputs, when that is known. */
  readonly count: number | undefined;
  readonly pace: TaskPace;
  /** Chunks of which all outcomes are read. */
  finished: number;
  /** Outcomes that are read. */
  told: number;
}

/** Who cancels brings what is left to its end. After so long, or a TTL, it is taken not to have come to that; milliseconds. */
const cancelPatience = 30_000;

/**
 * The work that is left in a session. Of this client's submissions its own collecting tells; of others the store does.
 */
export class RemainingWork {
  readonly #view: LedgerView;
  readonly #runtime: Runtime;
  readonly #times = new TaskTimes();
  readonly #unfinished: UnfinishedChunks;
  /** When submissions were first seen to be cancelled, on our own clock. */
  readonly #cancelled = new Map<string, number>();
  readonly #own = new Map<string, OwnWork>();
  /** Submissions all of whose outcomes this client has read: of retries, its collecting tells nothing. */
  readonly #settled = new Set<string>();
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(facts: Facts, keys: SessionKeys, view: LedgerView, runtime: Runtime) {
    this.#runtime = runtime;
    this.#view = view;
    this.#unfinished = new UnfinishedChunks(facts, keys, this.#times);
  }

  /** A submission of this client begins. `count`: its inputs, when that is known. */
  expect(submission: string, count: number | undefined, pace: TaskPace = { concurrency: 1 }): void {
    this.#own.set(submission, { count, pace, finished: 0, told: 0 });
  }

  /** A commit of the submission was read. */
  progressed(submission: string, { succeeded, failed, cancelled, seconds }: CommitHeader): void {
    this.#times.add(submission, succeeded + failed, seconds);
    const work = this.#own.get(submission);
    if (work) work.told += succeeded + failed + cancelled;
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    const work = this.#own.get(submission);
    if (work) work.finished++;
  }

  /** This client cares for the submission no more. */
  forget(id: string): void {
    const work = this.#own.get(id);
    this.#own.delete(id);
    const submission = this.#view.submission(id);
    if (!work || submission?.ended !== true || work.finished < chunksOf(this.#view.current, id)) return;
    this.#settled.add(id);
  }

  /** What this client's submissions have left, by its own count. */
  get own(): Left {
    let chunks = 0;
    let open = false;
    const left: Measurable[] = [];
    for (const [id, { count, pace, finished, told }] of this.#own) {
      const submission = this.#view.submission(id);
      if (submission && this.#isOthers(submission)) continue;
      const whole = submission?.ended === true;
      // Before they are cut, no chunk has less than one input.
      chunks += whole ? chunksOf(this.#view.current, id) - finished : (count ?? 0);
      open ||= !whole && count === undefined;
      left.push({ id, pace, tasks: Math.max(0, (whole ? submission.tasks : (count ?? 0)) - told) });
    }
    return { chunks, open, work: this.#workOf(left) };
  }

  /** Submissions of others that may have something left. */
  get others(): readonly Submission[] {
    return this.#view.current.submissions.filter((submission) => this.#isOthers(submission));
  }

  /** Chunks that others' submissions have left, by the store. */
  async ofOthers(): Promise<number> {
    return chunksIn(await this.#findOthers());
  }

  /** What others' submissions have left, by the store. How long it takes is read in some of their commits, at most once a period. */
  async leftOfOthers(): Promise<Omit<Left, "open">> {
    return this.#measured(await this.#findOthers());
  }

  /** Something that others submitted, and that nobody cancelled, is not done, or may grow. */
  async othersNeed(): Promise<boolean> {
    const others = this.others.filter(({ cancelled }) => !cancelled);
    if (others.length === 0 || others.some(({ ended }) => !ended)) return others.length > 0;
    return (await this.#find((submission) => others.includes(submission))).length > 0;
  }

  /** Chunks that are left of all that the ledger names, by the store. */
  async ofAll(): Promise<number> {
    return chunksIn(await this.#findAll());
  }

  /** What is left of all that the ledger names, by the store; how long it takes as for others. */
  async leftOfAll(): Promise<Omit<Left, "open">> {
    return this.#measured(await this.#findAll());
  }

  #findOthers(): Promise<readonly Unfinished[]> {
    return this.#find((submission) => this.#isOthers(submission));
  }

  #findAll(): Promise<readonly Unfinished[]> {
    return this.#find(({ id, grants }) => !this.#settled.has(id) || grants.length > 0);
  }

  #find(counts: (submission: Submission) => boolean): Promise<readonly Unfinished[]> {
    return this.#unfinished.find(this.#view.current, counts);
  }

  async #measured(left: readonly Unfinished[]): Promise<Omit<Left, "open">> {
    const now = this.#runtime.monotonic();
    if (now - this.#measuredAt >= supervisorPace(this.#view.current.session.ttl).period) {
      this.#measuredAt = now;
      await this.#unfinished.measure();
    }
    const tasks = left.map(({ submission, tasks: count }) => ({
      id: submission.id,
      pace: submission.options,
      tasks: count,
    }));
    return { chunks: chunksIn(left), work: this.#workOf(tasks) };
  }

  /** undefined as soon as of some of it nobody knows how long it takes. */
  #workOf(left: readonly Measurable[]): Left["work"] {
    const sum = { tasks: 0, seconds: 0 };
    for (const { id, pace, tasks } of left) {
      if (tasks === 0) continue;
      const seconds = this.#times.of(id, pace);
      if (seconds === undefined) return undefined;
      sum.tasks += tasks;
      sum.seconds += tasks * seconds;
    }
    return sum;
  }

  /** Of what is tried again, collecting does not tell what is left. */
  #isOthers({ id, cancelled, grants }: Submission): boolean {
    if (cancelled && !this.#isLeftBehind(id)) return false;
    return grants.length > 0 || !(this.#own.has(id) || this.#settled.has(id));
  }

  /** It was cancelled long ago. */
  #isLeftBehind(id: string): boolean {
    const now = this.#runtime.monotonic();
    const since = this.#cancelled.get(id) ?? now;
    this.#cancelled.set(id, since);
    return now - since > Math.max(cancelPatience, this.#view.current.session.ttl);
  }
}

/** Tasks of one submission. */
interface Measurable {
  readonly id: string;
  readonly pace: TaskPace;
  readonly tasks: number;
}

function chunksOf({ submissions, segments }: Ledger, id: string): number {
  const place = submissions.findIndex((submission) => submission.id === id);
  let chunks = 0;
  for (const row of segments) if (row.submission === place) chunks += Math.ceil(row.count / row.chunk);
  return chunks;
}

function chunksIn(left: readonly Unfinished[]): number {
  return left.reduce((sum, { chunks }) => sum + chunks, 0);
}

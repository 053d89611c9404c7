import type { CommitHeader } from "../../../protocol/commit.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Submission } from "../../../protocol/ledger.ts";
import type { Runtime } from "../../../runtime.ts";
import type { LedgerView } from "../../ledger-view.ts";
import { OwnWork } from "./own-work.ts";
import { supervisorPace } from "../supervisor-lease.ts";
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
  readonly #own: OwnWork;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(facts: Facts, keys: SessionKeys, view: LedgerView, runtime: Runtime) {
    this.#runtime = runtime;
    this.#view = view;
    this.#own = new OwnWork(view);
    this.#unfinished = new UnfinishedChunks(facts, keys, this.#times);
  }

  /** A submission of this client begins. `count`: its inputs, when that is known. */
  expect(submission: string, count: number | undefined, pace: TaskPace = { concurrency: 1 }): void {
    this.#own.expect(submission, count, pace);
  }

  /** A commit of the submission was read. */
  progressed(submission: string, commit: CommitHeader): void {
    this.#times.add(submission, commit.succeeded + commit.failed, commit.seconds);
    this.#own.progressed(submission, commit);
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    this.#own.finished(submission);
  }

  /** This client cares for the submission no more. */
  forget(submission: string): void {
    this.#own.forget(submission);
  }

  /** What this client's submissions have left, by its own count. */
  get own(): Left {
    const { chunks, open, tasks } = this.#own.left((submission) => !this.#isOthers(submission));
    return { chunks, open, work: this.#times.ofAll(tasks) };
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
    return this.#find(({ id, grants }) => !this.#own.isSettled(id) || grants.length > 0);
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
    return { chunks: chunksIn(left), work: this.#times.ofAll(tasks) };
  }

  /** Of what is tried again, collecting does not tell what is left. */
  #isOthers({ id, cancelled, grants }: Submission): boolean {
    if (cancelled && !this.#isLeftBehind(id)) return false;
    return grants.length > 0 || !(this.#own.has(id) || this.#own.isSettled(id));
  }

  /** It was cancelled long ago. */
  #isLeftBehind(id: string): boolean {
    const now = this.#runtime.monotonic();
    const since = this.#cancelled.get(id) ?? now;
    this.#cancelled.set(id, since);
    return now - since > Math.max(cancelPatience, this.#view.current.session.ttl);
  }
}

function chunksIn(left: readonly Unfinished[]): number {
  return left.reduce((sum, { chunks }) => sum + chunks, 0);
}

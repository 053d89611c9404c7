import type { CommitHeader } from "../../../protocol/commit.ts";
import type { Ledger, Submission } from "../../../protocol/ledger.ts";
import type { LedgerView } from "../../ledger-view.ts";
import type { Measurable, TaskPace } from "./task-times.ts";

/** A submission of this client. */
interface Work {
  /** Its inputs, when that is known. */
  readonly count: number | undefined;
  readonly pace: TaskPace;
  /** Chunks of which all outcomes are read. */
  finished: number;
  /** Outcomes that are read. */
  told: number;
}

/** The submissions of this client, and what they have left as far as its collecting tells: nobody has to be asked for that. */
export class OwnWork {
  readonly #view: LedgerView;
  readonly #work = new Map<string, Work>();
  /** Submissions all of whose outcomes this client has read: of retries, its collecting tells nothing. */
  readonly #settled = new Set<string>();

  constructor(view: LedgerView) {
    this.#view = view;
  }

  has(submission: string): boolean {
    return this.#work.has(submission);
  }

  isSettled(submission: string): boolean {
    return this.#settled.has(submission);
  }

  /** A submission begins. `count`: its inputs, when that is known. */
  expect(submission: string, count: number | undefined, pace: TaskPace): void {
    this.#work.set(submission, { count, pace, finished: 0, told: 0 });
  }

  /** A commit of the submission was read. */
  progressed(submission: string, { succeeded, failed, cancelled }: CommitHeader): void {
    const work = this.#work.get(submission);
    if (work) work.told += succeeded + failed + cancelled;
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    const work = this.#work.get(submission);
    if (work) work.finished++;
  }

  /** This client cares for the submission no more. */
  forget(id: string): void {
    const work = this.#work.get(id);
    this.#work.delete(id);
    const submission = this.#view.submission(id);
    if (!work || submission?.ended !== true || work.finished < chunksOf(this.#view.current, id)) return;
    this.#settled.add(id);
  }

  /** What is left of those that count. `open`: more is coming, of unknown size. */
  left(counts: (submission: Submission) => boolean): {
    readonly chunks: number;
    readonly open: boolean;
    readonly tasks: readonly Measurable[];
  } {
    let chunks = 0;
    let open = false;
    const left: Measurable[] = [];
    for (const [id, { count, pace, finished, told }] of this.#work) {
      const submission = this.#view.submission(id);
      if (submission && !counts(submission)) continue;
      const whole = submission?.ended === true;
      // Before they are cut, no chunk has less than one input.
      chunks += whole ? chunksOf(this.#view.current, id) - finished : (count ?? 0);
      open ||= !whole && count === undefined;
      left.push({ id, pace, tasks: Math.max(0, (whole ? submission.tasks : (count ?? 0)) - told) });
    }
    return { chunks, open, tasks: left };
  }
}

function chunksOf({ submissions, segments }: Ledger, id: string): number {
  const place = submissions.findIndex((submission) => submission.id === id);
  let chunks = 0;
  for (const row of segments) if (row.submission === place) chunks += Math.ceil(row.count / row.chunk);
  return chunks;
}

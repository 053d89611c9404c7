import type { SubmissionOptions } from "../../../protocol/ledger.ts";

/** What of a submission's options tells how long its tasks take. */
export type TaskPace = Pick<SubmissionOptions, "estimate" | "concurrency">;

/** Tasks of one submission that are left. */
export interface Measurable {
  readonly id: string;
  readonly pace: TaskPace;
  readonly tasks: number;
}

/** How long a slot is busy with a task of each submission: as was measured in what is committed, else as its submitter says. */
export class TaskTimes {
  readonly #measured = new Map<string, { readonly tasks: number; readonly seconds: number }>();

  /** So many tasks of it ended, which ran for so long. */
  add(submission: string, tasks: number, seconds: number | undefined): void {
    if (tasks === 0 || seconds === undefined) return;
    const before = this.#measured.get(submission) ?? { tasks: 0, seconds: 0 };
    this.#measured.set(submission, { tasks: before.tasks + tasks, seconds: before.seconds + seconds });
  }

  /** In seconds; undefined: nobody knows. */
  of(submission: string, { estimate, concurrency }: TaskPace): number | undefined {
    const measured = this.#measured.get(submission);
    const seconds = measured ? measured.seconds / measured.tasks : estimate === undefined ? undefined : estimate / 1000;
    return seconds === undefined ? undefined : seconds / Math.max(1, concurrency);
  }
  /** Of all of these; undefined as soon as of some of them nobody knows. */
  ofAll(left: readonly Measurable[]): { readonly tasks: number; readonly seconds: number } | undefined {
    const sum = { tasks: 0, seconds: 0 };
    for (const { id, pace, tasks } of left) {
      if (tasks === 0) continue;
      const seconds = this.of(id, pace);
      if (seconds === undefined) return undefined;
      sum.tasks += tasks;
      sum.seconds += tasks * seconds;
    }
    return sum;
  }
}

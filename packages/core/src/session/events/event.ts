import type { Refusal, WorkerExit } from "../../backend.ts";
import type { Blame, Outcome } from "../../outcome.ts";
import type { Budget, PauseReason } from "../../protocol/ledger.ts";
import type { Lease } from "../../protocol/lease.ts";

/**
 * Something that happened in a session. Plain data: as JSON it is a line of `--events`.
 *
 * `at` is when it was written down, in milliseconds since the epoch, on the store's clock; a store may round it down to seconds.
 * Workers are named by `<launch>.<slot>.<life>`: a process that goes on after it was given up has a further life. Tasks are told by
 * their index in the session, chunks by their running number in it.
 */
export type SessionEvent =
  | Submitting
  | Steering
  | Staffing
  | Leased
  | Committed
  /** An attempt failed, and the task runs again. */
  | (TaskEvent & { readonly type: "retried"; readonly blame: Blame; readonly error: string })
  /** The task failed, and no attempt is left. A `rerun` may start it again. */
  | (TaskEvent & { readonly type: "failed"; readonly blame: Blame; readonly error: string; readonly seconds: number })
  /** The task printed more than it may: `bytes` of that attempt's output are lost. */
  | (TaskEvent & { readonly type: "log-dropped"; readonly bytes: number });

/** What is asked of the session, by its submitters. `submission`: its id. */
type Submitting =
  | (Event & { readonly type: "created"; readonly name?: string })
  /** `task`: name of the function, or of the command's program. */
  | (Event & {
      readonly type: "opened";
      readonly submission: string;
      readonly kind: "function" | "command";
      readonly task: string;
    })
  /** Inputs were stored: so many tasks more. `first`: index in the session of the first of them. */
  | (Event & {
      readonly type: "appended";
      readonly submission: string;
      readonly tasks: number;
      readonly first: number;
    })
  /** Nothing more will be added to a submission; without `submission`, to any that was open. */
  | (Event & { readonly type: "ended"; readonly submission?: string });

/** What changes its course, said by clients, and by who keeps it to its limits. */
type Steering =
  /** A submission, these tasks, or without both all of it. */
  | (Event & {
      readonly type: "cancelled";
      readonly submission?: string;
      readonly tasks?: readonly number[];
      readonly because: string;
    })
  /** Failed tasks run again: of a submission, these, or without both all. */
  | (Event & { readonly type: "rerun"; readonly submission?: string; readonly tasks?: readonly number[] })
  | (Event & { readonly type: "paused"; readonly because: PauseReason; readonly message: string })
  | (Event & { readonly type: "resumed" })
  /** Other limits. `deadline`: store time, milliseconds; `maxRate`: per hour. */
  | (Event & {
      readonly type: "extended";
      readonly deadline?: number;
      readonly budget?: Budget;
      readonly warnAt?: Budget;
      readonly maxRate?: Budget;
    })
  /** Spending reached `warnAt`. */
  | (Event & { readonly type: "warned"; readonly message: string })
  /** The budget pays for so many workers until then: store time, milliseconds. */
  | (Event & { readonly type: "horizon"; readonly until: number; readonly workers: number })
  | (Event & { readonly type: "removed" });

/** Who works on it. */
type Staffing =
  /** A client keeps up the workers from now on. `epoch` counts those who did, from 1. */
  | (Event & { readonly type: "supervised"; readonly client: string; readonly epoch: number })
  /** That client does so no more; `message`: why it failed. One that fell silent says nothing. */
  | (Event & {
      readonly type: "unsupervised";
      readonly client: string;
      readonly reason: string;
      readonly message?: string;
    })
  /** Workers are asked for, and why. `fleet`: how many there shall be in all. */
  | (Event & {
      readonly type: "wave";
      readonly launch: number;
      readonly count: number;
      readonly fleet: number;
      /** Bytes that each of them is to have, where the session says it. */
      readonly memory?: number;
      readonly because: string;
      readonly backend: string;
      readonly client: string;
    })
  /** The provider took these; `id` is its own. They are not born yet. */
  | (Event & {
      readonly type: "started";
      readonly launch: number;
      readonly workers: readonly { readonly slot: number; readonly id: string }[];
    })
  /** The provider refused these slots, all for the same reason. `retryAfter`: milliseconds. */
  | (Event & {
      readonly type: "refused";
      readonly launch: number;
      readonly slots: readonly number[];
      readonly kind: Refusal["kind"];
      readonly message: string;
      readonly retryAfter?: number;
    })
  /** A worker runs. */
  | (Event & { readonly type: "born"; readonly worker: string })
  /** A worker does nothing more, and what it held is anybody's. `by`: itself, or the client that said it for it. */
  | (Event & {
      readonly type: "gone";
      readonly worker: string;
      readonly reason: string;
      /** With the reason `memory`: bytes that a worker needs for what this one could not do. */
      readonly needs?: number;
      readonly code?: number | string;
      readonly by: string;
    })
  /**
   * The provider told that a worker process ended: of one that costs something, or ended badly. `memory`: peak, bytes. `startedAt`,
   * `stoppedAt`: milliseconds since the epoch, on the provider's clock: what it bills.
   */
  | (Event & {
      readonly type: "exited";
      /** `<launch>.<slot>`. */
      readonly process: string;
      readonly id: string;
      readonly reason: WorkerExit["reason"];
      readonly code?: number;
      readonly signal?: string;
      readonly memory?: number;
      readonly startedAt?: number;
      readonly stoppedAt?: number;
    });

/** A worker has the right to run a turn of a chunk. */
interface Leased extends Event {
  readonly type: "leased";
  readonly chunk: number;
  /** Index in the session of the chunk's first task, and how many of its tasks the turn has: in turn 0, all. */
  readonly first: number;
  readonly tasks: number;
  /** Passes over the chunk count from 0, and those who had the right to this one from 1. */
  readonly turn: number;
  readonly epoch: number;
  /** `new`; `again`: what was carried over; `grant`: what a `rerun` starts; `crash`, `lost`, `left`: what became of the owner before. */
  readonly because: Lease["because"];
  /** undefined: a chunk's first lease does not say it by its name, and is not read. */
  readonly worker?: string;
}

/** What became of a batch is stored. Of one that succeeded whole only the name is read, unless `outcomes` are asked for. */
interface Committed extends Event {
  readonly type: "committed";
  readonly chunk: number;
  readonly turn: number;
  /**
   * Index in the session of the first of its tasks, and how many there are. Those of a later turn are what was carried over, and need not
   * lie side by side: of them, `first` is the chunk's first task.
   */
  readonly first: number;
  readonly tasks: number;
  /** Outcomes by kind. */
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Tasks without outcome that the next turn takes over: those that are `retried`, and those whose worker gave them back. */
  readonly again: number;
  /** Whose it is, and how long its outcomes have run, all together: where more is to be told than that all of a first turn succeeded. */
  readonly worker?: string;
  readonly seconds?: number;
  /** Only where they were asked for. */
  readonly outcomes?: readonly EventOutcome[];
}

/** What became of a task, without what it returned. */
export interface EventOutcome {
  readonly index: number;
  readonly task: number;
  readonly status: Outcome<unknown>["status"];
  readonly attempts: number;
  /** Run time of the last attempt. */
  readonly seconds: number;
  readonly blame?: Blame;
}

interface TaskEvent extends Event {
  /** Index in the session. */
  readonly task: number;
  /** From 1. */
  readonly attempt: number;
}

interface Event {
  readonly at: number;
}

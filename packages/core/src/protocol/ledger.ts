import type { Blame } from "../outcome.ts";
import type { JsonObject } from "../store.ts";
import type { MemoryGrowth } from "./budgets.ts";

/** What a ledger entry says. Entries are created once and never change; the session is their fold. */
export type Operation =
  | CreateOperation
  | OpenOperation
  | AppendOperation
  /** Without `submission`: all that are open. */
  | { readonly op: "end"; readonly submission?: string }
  /** Without `submission`: all of them, and those to come. */
  | { readonly op: "cancel"; readonly submission?: string; readonly because: string }
  /** `tasks`: indexes in the session. What has its outcome keeps it. */
  | { readonly op: "cancelTask"; readonly tasks: readonly number[]; readonly because: string }
  /** A retry grant for all submissions that are not cancelled, or for one. `tasks`: only these, by index in the session. */
  | { readonly op: "retry"; readonly submission?: string; readonly tasks?: readonly number[] }
  /** New limits. What was paused for an old one goes on. */
  | ({ readonly op: "extend" } & Pick<CreateOperation, "deadline" | "budget" | "warnAt" | "maxRate">)
  /** The session has cost what somebody wanted to be told of. Said once for each `warnAt`. */
  | { readonly op: "warn"; readonly message: string }
  /** Until when, in store time, the budget pays for so many workers. */
  | ({ readonly op: "horizon" } & Horizon)
  | { readonly op: "pause"; readonly because: PauseReason; readonly message: string }
  | { readonly op: "resume" }
  /** The fence of a session's end: nothing is leased or added any more, and its objects may be deleted. */
  | { readonly op: "remove" };

export interface CreateOperation {
  readonly op: "create";
  /** Store time, milliseconds. */
  readonly created: number;
  readonly name?: string;
  /** Age at which a lease may be taken over, milliseconds. */
  readonly ttl: number;
  readonly commitInterval: number;
  /** How long a worker that finds nothing stays while nobody said that no more will come, milliseconds. */
  readonly linger: number;
  /** Worker deaths in a row, without one success between, after which the session is paused. */
  readonly crashBudget: number;
  /** Store time from which on nothing is leased any more, until it is extended. */
  readonly deadline?: number;
  /** Open submissions are ended when nothing was added to the session for so long, milliseconds. */
  readonly idleTimeout?: number;
  readonly budget?: Budget;
  /** What the workers may cost per hour, all together: the fleet is never larger. */
  readonly maxRate?: Budget;
  /** Spending of which somebody wants to be told. */
  readonly warnAt?: Budget;
  /** Milliseconds within which some worker has to start, from the first wish for one on. */
  readonly startTimeout?: number;
  /** Names of what tasks are given and nobody else is to see. What they are is kept nowhere: who starts workers is told it. */
  readonly secrets?: readonly string[];
  /** What a supervisor that never saw the session's first client keeps up. */
  readonly fleet?: Fleet;
}

export interface Budget {
  readonly amount: number;
  /** As `USD`. */
  readonly currency: string;
}

export interface Horizon {
  readonly until: number;
  readonly workers: number;
}

export type PauseReason = "deadline" | "budget" | "crashes";

/** The wish: workers of one kind, somewhere. */
export interface Fleet {
  readonly workers: number;
  /** Name of the backend. */
  readonly backend: string;
  /** What a worker is made of; without its environment, which is not the ledger's business. */
  readonly spec: JsonObject;
  /** The shortest time of a worker that is billed there, milliseconds: for who tells of money elsewhere. Default 0. */
  readonly minimumBilling?: number;
}

/** Failed tasks that run again: all of a submission, or those with these indexes in the session. */
export type Grant = "all" | readonly number[];

export interface OpenOperation {
  readonly op: "open";
  readonly submission: string;
  readonly task: TaskSpec;
  readonly options: SubmissionOptions;
}

/** What a submission runs. */
export type TaskSpec =
  | {
      /** A function: export `task` of a program in the session. */
      readonly kind: "function";
      readonly name: string;
      readonly sha256: string;
      /** Where packages that could not be bundled are looked for. */
      readonly modules?: string;
      /** Variables that the function sees beside those of its worker. */
      readonly env?: Readonly<Record<string, string>>;
      /** By which inputs and results are encoded: export `serializer` of the program. None: the built-in one. */
      readonly serializer?: { readonly module: string; readonly options: JsonObject };
    }
  /** A command. `substitute`: `{}` and `{field}` in `argv` stand for the input. */
  | {
      readonly kind: "command";
      readonly name: string;
      readonly argv: readonly string[];
      readonly substitute: boolean;
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
      /** Input blob that is the command's standard input. */
      readonly stdin?: string;
    };

export interface SubmissionOptions {
  /** Further attempts after the task itself failed, for each of `user`, `timeout` and `oom` that has no budget of its own. */
  readonly retries: number;
  /** Further attempts by blame. Default: `retries`, 3 for `infrastructure`, 4 for `lost`. Spot losses have none: they never count. */
  readonly budgets?: Budgets;
  /** An attempt after one that ran out of memory runs where there is more of it. Default: where there is as much. */
  readonly memoryOnOom?: MemoryGrowth;
  /** First wait before another attempt, doubled each time, milliseconds. */
  readonly backoff: number;
  /** Longest run of one task, milliseconds. */
  readonly timeout?: number;
  /** What a task is thought to take, milliseconds, until it was measured. */
  readonly estimate?: number;
  /** Tasks in flight per slot. */
  readonly concurrency: number;
  /** Milliseconds between SIGTERM and SIGKILL of what is stopped. */
  readonly grace: number;
  /** Bytes that an attempt may print; what is above is dropped. Default: {@link defaultLogLimit}. */
  readonly logLimit?: number;
  /** What the first task is called, in its submission and its session: of a session that repeats a task of another one. Default: 0 and 0. */
  readonly origin?: { readonly index: number; readonly task: number };
}

/** Further attempts of a task, by what made the ones before fail. */
export type Budgets = Readonly<Partial<Record<Exclude<Blame, "spot">, number>>>;

/** 100 MiB: more than anybody reads, and little enough for a store when a thousand tasks go wild. */
export const defaultLogLimit = 104_857_600;

export interface AppendOperation {
  readonly op: "append";
  readonly submission: string;
  /** Ordinal of the first segment named here in the submission: `segment/<submission>.<ord>`. */
  readonly from: number;
  /** Inputs of each segment. */
  readonly counts: readonly number[];
  /** Tasks per chunk. */
  readonly chunk: number;
  /** The inputs of these segments ride behind this entry, one after the other, and are no objects of their own. Default: they are. */
  readonly inputs?: readonly InlineInputs[];
}

/** Inputs of a segment that ride behind an entry. */
export interface InlineInputs {
  /** Of its lines. */
  readonly bytes: number;
  /** Positions of those that are not the value itself, as in a segment. */
  readonly rich?: readonly number[];
}

/** One entry of the ledger, as it is written. */
export interface Entry {
  readonly v: 1;
  readonly rev: number;
  /** Who wrote it: a submission, or a client. With `ordinal` its identity, by which a writer knows its own. */
  readonly actor: string;
  readonly ordinal: number;
  readonly operations: readonly Operation[];
  /** The fold up to and with this entry, in short. */
  readonly totals: Totals;
  /** The whole fold, in every entry while it is small, and in each 64th: what a joiner reads is one entry, or at most 64. */
  readonly fold?: Ledger;
}

export interface Totals {
  readonly tasks: number;
  readonly segments: number;
  readonly chunks: number;
  readonly submissions: number;
  readonly open: number;
  readonly state: SessionState;
  /** Retry grants so far. */
  readonly grants: number;
}

export type SessionState = "open" | "ended" | "cancelled" | "paused" | "removed";

/** The fold of a ledger: plain data. */
export interface Ledger {
  readonly session: CreateOperation;
  readonly rev: number;
  readonly submissions: readonly Submission[];
  readonly segments: readonly SegmentRow[];
  readonly tasks: number;
  readonly chunks: number;
  readonly grants: number;
  readonly cancelled: boolean;
  /** Indexes in the session of tasks that were cancelled one by one, in ascending order. */
  readonly cancelledTasks: readonly number[];
  readonly horizon?: Horizon;
  readonly removed?: boolean;
  readonly paused?: { readonly because: PauseReason; readonly message: string };
  /** What was said when spending reached `warnAt`. */
  readonly warned?: string;
}

export interface Submission {
  readonly id: string;
  readonly task: TaskSpec;
  readonly options: SubmissionOptions;
  /** Ordinal of its next entry. */
  readonly ordinal: number;
  readonly segments: number;
  readonly tasks: number;
  readonly ended: boolean;
  readonly cancelled: boolean;
  /** Retry grants so far, in the order of the ledger. */
  readonly grants: readonly Grant[];
}

/** A segment's place in the session. */
export interface SegmentRow {
  /** Position in `Ledger.submissions`. */
  readonly submission: number;
  readonly ordinal: number;
  readonly count: number;
  /** Tasks per chunk. */
  readonly chunk: number;
  /** Index of its first task within the submission. */
  readonly index: number;
  /** Index of its first task within the session. */
  readonly task: number;
  /** Running number of its first chunk within the session. */
  readonly firstChunk: number;
  /** The entry behind which its inputs ride. Default: they are an object of their own. */
  readonly rev?: number;
}

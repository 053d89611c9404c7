import type { Retries } from "../../../packages/core/src/session/retries.ts";

export interface SubmissionPlan {
  readonly tasks: number;
  /** `array`: whole, of known size; `iterable`: of unknown size; `stream`: comes in slowly. */
  readonly feed: "array" | "iterable" | "stream";
  readonly segment: number;
  /** Bytes of an input beside its number: few inputs then are more than ride behind the ledger's entry. */
  readonly width?: number;
  readonly gap: number;
  readonly start: number;
  readonly ordered: boolean;
  readonly retries: Retries;
  /** How many times as much memory an attempt has after one that ran out of it. */
  readonly memoryOnOom?: number;
  readonly backoff: number;
  readonly grace: number;
  /** Cancelled by its signal after this time, or by leaving the loop after this many outcomes. */
  readonly cancelAfter?: number;
  readonly breakAfter?: number;
  /** Tasks at a time in a slot, and their longest time in milliseconds. */
  readonly concurrency: number;
  readonly timeout?: number;
  /** What they are said to take, in milliseconds. */
  readonly estimate?: number;
  /** Starts when its client has the outcomes of the one before, as a program that maps twice does. */
  readonly follows: boolean;
  /** Place of its client: 0 opened the session, and those who only submit have none. */
  readonly client: number;
}

/** What somebody says in the ledger who did nothing else for the session. */
export type Act =
  | "cancel"
  | "cancel submission"
  | "cancel tasks"
  | "retry"
  | "retry submission"
  | "retry tasks"
  | "end"
  /** A deadline that is soon, and one that has passed. */
  | "deadline"
  | "overdue"
  /** One that is far off. */
  | "extend"
  /** Whatever it was paused for. */
  | "resume";

export interface ActPlan {
  /** After this time, in milliseconds. */
  readonly after: number;
  readonly act: Act;
  /** Operations on the store after which its process dies. */
  readonly dies?: number;
}

/** Somebody who only submits, under the id `own-<n>`. */
export interface SubmitterPlan {
  readonly start: number;
  /** Place of its submission. */
  readonly n: number;
  /** As one more of what the session runs already, or with a task of its own. */
  readonly adds: boolean;
  /** Leaves its submission open, so that more may be added to the session. */
  readonly leavesOpen: boolean;
  /** Operations on the store after which its first processes die, and the time until it is started again. */
  readonly lives: readonly number[];
  readonly again: number;
}

export interface DaemonPlan {
  readonly start: number;
  /** Operations on the store after which it dies. */
  readonly dies?: number;
  /** Only while nobody else supervises. */
  readonly standsIn?: boolean;
}

/** Those whom workers start to supervise. */
export interface StandInPlan {
  /** Milliseconds from a worker's start of it to its first request. */
  readonly start: number;
  /** Operations on the store after which each in turn dies; the next ones live. */
  readonly lives: readonly number[];
}

/** Somebody who collects in session order, from another machine. */
export interface CollectorPlan {
  readonly start: number;
  /** Waits for what is not there yet, or comes again. */
  readonly wait: boolean;
  /** Only what failed. */
  readonly failed: boolean;
  /** As those of a submitter. */
  readonly lives: readonly number[];
  readonly again: number;
}

/** Somebody who follows the session's events, from another machine. */
export interface ListenerPlan {
  readonly start: number;
  /** Follows them, or looks now and then. */
  readonly wait: boolean;
  /** As those of a submitter. */
  readonly lives: readonly number[];
  readonly again: number;
}

export interface RemovalPlan {
  /** While others work; undefined: when all is over. */
  readonly after?: number;
  /** Waits for no worker. */
  readonly now: boolean;
  /** Has a backend whose workers it stops. */
  readonly backend: boolean;
  /** Operations on the store after which its process dies. */
  readonly dies?: number;
  /** The same of those who take the rest away, a day later. */
  readonly deaths: readonly number[];
}

/** A client that comes to a session that another one opened, with workers of its own. */
export interface JoinerPlan {
  readonly start: number;
  readonly ends: "close" | "detach" | "crash";
  /** As that of the first client. */
  readonly after: number;
}

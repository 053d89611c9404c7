import type { Json } from "@skyburst/core";
import type { Fault, LogChannel, Segment, Submission } from "@skyburst/core/protocol";

/** Tasks of one batch that a slot runs one after the other (or `concurrency` at a time). */
export interface Assignment {
  readonly submission: Submission;
  /** Index within the submission and within the session of the chunk's first task; an item's offset is added to it. */
  readonly index: number;
  readonly task: number;
  /** Offsets in the chunk, ascending. */
  readonly offsets: Offsets;
  /** Number of the attempt of each item; undefined: all are at their first. */
  readonly attempts?: readonly number[] | undefined;
  /** One input per item. */
  readonly inputs: Segment;
}

/** Offsets of items: a run of them, as nearly always, or each. */
export type Offsets = { readonly first: number; readonly count: number } | readonly number[];

export function offsetCount(offsets: Offsets): number {
  return "count" in offsets ? offsets.count : offsets.length;
}

export function offsetAt(offsets: Offsets, position: number): number {
  return "count" in offsets ? offsets.first + position : (offsets[position] ?? 0);
}

/** Who is told. Returns a promise for a log whose reader is behind: no more of that task is to be told before it resolves. */
export type Tell = (report: Report) => void | Promise<void>;

/** What a slot reports while it runs an assignment; `position` counts in the assignment's items. */
export type Report =
  /** Consecutive successes, as final output lines that each end in a newline. */
  | {
      readonly kind: "lines";
      readonly position: number;
      readonly count: number;
      readonly bytes: Uint8Array;
      /** Run time of all of them together. */
      readonly seconds: number;
      /** What the bytes of this report, and of others of its batch, lie in: free for other use once they are stored. */
      readonly memory?: ArrayBuffer | undefined;
      /** Bytes before these that may be written over. Default: none. */
      readonly room?: number | undefined;
    }
  /** A success whose value is over the inline limit: the parts are the bytes of a blob. */
  | {
      readonly kind: "large";
      readonly position: number;
      readonly parts: readonly Uint8Array[];
      readonly seconds: number;
    }
  | {
      readonly kind: "failed";
      readonly position: number;
      readonly error: Json;
      readonly blame: Fault;
      readonly seconds: number;
    }
  /** What a task printed, in order. Told before its outcome. */
  | { readonly kind: "log"; readonly position: number; readonly channel: LogChannel; readonly bytes: Uint8Array };

export interface AssignmentEnd {
  /** Positions that never started, because the slot's thread ended or the assignment was aborted. */
  readonly unstarted: readonly number[];
  /** Positions that were stopped while they ran, because the assignment was aborted. */
  readonly aborted: readonly number[];
}

export interface RunSignals {
  /** Starts nothing more and stops what runs: asked first, ended after the submission's grace time. */
  readonly signal: AbortSignal;
  /** Starts nothing more; what runs goes on to its end. */
  readonly drain: AbortSignal;
}

/** Runs one assignment at a time, in the order in which they came, and holds some more ready. Knows nothing of the protocol. */
export interface Slot {
  /** Seconds of work that it needs to have beforehand, so that it never waits for some. Default: what a thread needs. */
  readonly ahead?: number;
  /** It was up before it had anything to do, and so are those beside it: nothing is saved by leaving one alone. Default: false. */
  readonly isUp?: boolean;
  run(assignment: Assignment, report: Tell, signals: RunSignals): Promise<AssignmentEnd>;
  close(): Promise<void>;
}

/** Where slots come from: executor threads and commands in the product, virtual ones in a simulation. */
export interface Slots {
  /** Number of tasks run at a time. */
  readonly count: number;
  /** A submission whose tasks will come: what can be loaded before them is. */
  prepare(submission: Submission): void;
  /** Resolves when the slot, which has an assignment, is up; undefined: it is. */
  starting?(number: number): Promise<void> | undefined;
  /** The slot with this number, for what the submission runs. */
  slot(number: number, submission: Submission): Slot;
  close(): Promise<void>;
}

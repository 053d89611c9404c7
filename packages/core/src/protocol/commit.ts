import type { Blame } from "../outcome.ts";
import type { Json } from "../store.ts";
import type { Range } from "./keys.ts";
import type { Item } from "./items.ts";
import type { Cut } from "./cut.ts";
import type { Deaths } from "./lease.ts";
import { inFront, splitHeader, withHeader } from "./lines.ts";
import { Spares } from "./spares.ts";

/** First line of a `part` or `done`. After it come the outcome lines, then log bytes. */
export interface CommitHeader extends Range {
  readonly v: 1;
  readonly epoch: number;
  readonly worker: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Run time of the outcomes. */
  readonly seconds?: number;
  /** Offsets of tasks that failed. */
  readonly failures?: readonly number[];
  /** What is not final and goes into the next turn. */
  readonly again?: readonly Item[];
  /** Outcome lines whose value is in a blob. */
  readonly blobs?: number;
  /** Bytes of the outcome lines. */
  readonly lines: number;
  /** Logs of the attempts, and what rides along of each: frames, one after another behind the lines. No log: it printed nothing. */
  readonly logs?: readonly CommitLog[];
  /** In `done` only. */
  readonly turn?: TurnSummary;
}

export interface CommitLog {
  readonly offset: number;
  readonly attempt: number;
  /** Offset in the attempt's log at which these bytes begin: what was before is in log objects. */
  readonly at: number;
  /** 0: all is in log objects. */
  readonly bytes: number;
  /** Bytes that the attempt printed beyond its limit, and that are lost. */
  readonly dropped?: number;
}

/** What a turn came to, told by its `done`. */
export interface TurnSummary {
  /** Outcomes of this turn, all batches. */
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Of the whole chunk: every task whose highest outcome is failed, and how many are cancelled. */
  readonly failedTasks: readonly number[];
  readonly cancelledTasks: number;
  readonly again: readonly Item[];
  /** Copied from the lease. */
  readonly grant: number;
  readonly items: number;
  readonly cut: Cut;
  /** Run time of this turn's outcomes, all batches. */
  readonly seconds?: number;
  /** Of the lease, for the turn that follows: what is carried over carries its record. */
  readonly crashes?: number;
  readonly losses?: number;
  readonly suspects?: Readonly<Record<string, Deaths>>;
}

export interface Commit {
  readonly header: CommitHeader;
  readonly lines: Uint8Array;
  readonly logs: Uint8Array;
}

export function commitBody(
  header: Omit<CommitHeader, "v" | "lines">,
  lines: readonly Uint8Array[],
  logs: readonly Uint8Array[],
  spares = new Spares(),
): Uint8Array<ArrayBuffer> {
  return withHeader(whole(header, lines), [...lines, ...logs], spares);
}

/** Without a copy of the lines, where the header fits into the `room` bytes that are free before them. */
export function commitInPlace(
  header: Omit<CommitHeader, "v" | "lines">,
  lines: Uint8Array,
  room: number,
): Uint8Array | undefined {
  return inFront(whole(header, [lines]), lines, room);
}

function whole(header: Omit<CommitHeader, "v" | "lines">, lines: readonly Uint8Array[]): CommitHeader {
  return { v: 1, ...header, lines: lines.reduce((sum, part) => sum + part.length, 0) };
}

export function parseCommit(body: Uint8Array): Commit {
  const { header, rest } = splitHeader(body);
  const commit = header as CommitHeader;
  return { header: commit, lines: rest.subarray(0, commit.lines), logs: rest.subarray(commit.lines) };
}

/** An outcome line, as commits hold it and the CLI prints it. */
export type OutcomeLine = {
  readonly index: number;
  readonly task: number;
  readonly attempts: number;
  readonly seconds: number;
} & (
  | {
      readonly status: "succeeded";
      readonly value?: Json;
      readonly meta?: Json;
      readonly bytes?: readonly string[];
      readonly blob?: BlobReference;
    }
  | { readonly status: "failed"; readonly error: Json; readonly blame: Blame }
  | { readonly status: "cancelled" }
);

export interface BlobReference {
  readonly key: string;
  readonly bytes: number;
}

import type { Report } from "../slot.ts";

/** Runs tasks on a thread of its own, one slice after the other. Opened by `threadSlot`. */
export interface Slot {
  /**
   * Runs a slice after the ones before it; two at a time keep the thread busy. What became of a position is told through
   * `report` as it is known, each position once. Resolves when every position was reported, or when the slice was aborted
   * or drained, or its thread ended: then what was not reported is in `unstarted` or `aborted`, and may run elsewhere.
   *
   * A time limit, a crash, `process.exit` or a lack of memory costs the thread and the task that caused it, nothing else:
   * results and logs up to then are kept, and the next slice goes on in a new thread.
   *
   * @throws {WorkerError} `closed`, `busy` (more than {@link sliceLimit} slices), or `boot` when no thread can start.
   */
  run(slice: Slice, report: Tell, options?: RunOptions): Promise<SliceEnd>;
  /** Resolves when a thread is up for the first time. */
  readonly starting: Promise<void>;
  /** Ends the thread at once; slices in flight resolve with what is not finished. Idempotent. */
  close(): Promise<void>;
}

/** Returns a promise for a log that is not taken yet: the thread waits when it is far ahead of what was taken. */
export type Tell = (finished: Finished) => void | Promise<void>;

/** Consecutive items of one chunk. */
export interface Slice {
  readonly program: TaskProgram;
  /** `count` lines of JSON, each ended by a newline but perhaps the last. Bytes on shared memory aren't copied. */
  readonly inputs: Uint8Array;
  readonly count: number;
  /** Positions whose line is not plain JSON: `{"value":…,"meta":…}`, or `{"blob":sha256,"bytes":n}`. */
  readonly rich?: readonly number[] | undefined;
  /** Blobs that lines refer to, by sha256. */
  readonly blobs?: ReadonlyMap<string, Uint8Array> | undefined;
  /** `index` and `task` of position 0 when offsets are consecutive. */
  readonly index: number;
  readonly task: number;
  /** Else: what to add to `index` and `task`, for each position. */
  readonly offsets?: readonly number[] | undefined;
  /** Which attempt each position is at. Default: all 1. */
  readonly attempts?: readonly number[] | undefined;
  /** Milliseconds that a task may take. Default: no limit. */
  readonly timeout?: number | undefined;
  /** Tasks in flight, for tasks that wait. Default 1, at most {@link laneLimit}. */
  readonly concurrency?: number | undefined;
}

export interface TaskProgram {
  readonly sha256: string;
  /** A verified file on this machine: an ES module that exports `task`. */
  readonly path: string;
  /** Directory from which packages that could not be bundled are resolved. */
  readonly modules?: string | undefined;
  /** Variables that its tasks see beside those of this process. Default: none. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface RunOptions {
  /** Starts nothing more, lets `ctx.signal` fire in what runs, and kills what still runs after `grace`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. Default 0. */
  readonly grace?: number | undefined;
  /** Starts nothing more; what runs goes on to its end. */
  readonly drain?: AbortSignal | undefined;
}

export interface SliceEnd {
  /** Positions that did not start, or whose thread another task ended. */
  readonly unstarted: readonly number[];
  /** Positions that ran when the slice was aborted, and did not succeed. */
  readonly aborted: readonly number[];
}

/** What a thread tells of a position: a report of its slot, with errors as threads describe them. */
export type Finished =
  | Exclude<Report, Failure>
  | (Failure & { readonly error: ErrorJson; readonly blame: "user" | "timeout" | "oom" | "infrastructure" });

type Failure = Extract<Report, { kind: "failed" }>;

/** An error as JSON. The stack shows the user's own files and lines. */
export type ErrorJson = {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: ErrorJson;
};

/** Slices that a slot takes at a time. */
export const sliceLimit = 8;

/** Most tasks in flight on one thread. */
export const laneLimit = 1024;

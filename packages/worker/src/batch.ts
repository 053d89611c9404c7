import type { JsonObject } from "@skyburst/core";
import { encodeLine } from "./line.ts";
import type { Report } from "./slot.ts";
import { grown, itemAt, spend } from "@skyburst/core/protocol";
import type { BatchResult, Chunk, Item, Items, Range, SubmissionOptions } from "@skyburst/core/protocol";

/** Most bytes of outcome lines in a commit (4 MB), and from where on no further task of the batch is started. */
export const commitLimit = 4_000_000;
const fullAt = 3_000_000;

/** Index of the first task of the chunk, in its submission and its session. */
type Names = Pick<Chunk, "index" | "task">;

/** Lines of consecutive positions of the turn's items. */
interface Piece {
  readonly position: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Bytes before these that may be written over. */
  readonly room?: number | undefined;
}

/**
 * One batch of a turn while its tasks run.
 *
 * Each position is open → assigned → reported (or open again, when its slot died). The batch is complete when nothing is
 * assigned and nothing open is left that may still start here; what is open then is carried over.
 */
export class Batch {
  readonly range: Range;
  committed = false;
  /** Memory that is for further use once the batch is committed. */
  readonly memories: ArrayBuffer[] = [];
  readonly #names: Names;
  readonly #items: Items;
  /** Positions that may start, as runs [from, to), in order. */
  #open: Run[];
  readonly #pieces: Piece[] = [];
  readonly #failed: number[] = [];
  readonly #again: Item[] = [];
  #assigned = 0;
  #succeeded = 0;
  #cancelled = 0;
  /** Run time of what ended here. */
  #seconds = 0;
  #blobs = 0;
  #grown = 0;
  #bytes = 0;
  #startedAt: number | undefined;
  #closed = false;

  constructor(names: Names, items: Items, range: Range) {
    this.#names = names;
    this.#items = items;
    this.range = range;
    this.#open = [{ from: range.first, to: range.first + range.count }];
  }

  get open(): number {
    return this.#closed ? 0 : sizeOf(this.#open);
  }

  get assigned(): number {
    return this.#assigned;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Seconds for which its outcomes ran. */
  get seconds(): number {
    return this.#seconds;
  }

  /** A commit is made only if it brings a final outcome, or an item whose attempt grew. */
  get brings(): boolean {
    return this.#succeeded + this.#failed.length + this.#cancelled + this.#grown > 0;
  }

  /** Nothing of it runs, and nothing more will start. */
  get complete(): boolean {
    return this.#assigned === 0 && this.open === 0;
  }

  /** Milliseconds since its first task started. */
  age(monotonic: number): number {
    return this.#startedAt === undefined ? 0 : monotonic - this.#startedAt;
  }

  /** A run of positions to start next, at most `most`; undefined when the rest waits for its time. */
  take(most: number, storeNow: number, monotonic: number): Run | undefined {
    for (const [n, open] of this.#open.entries()) {
      const run = this.#readyIn(open, most, storeNow);
      if (!run) continue;
      this.#open.splice(
        n,
        1,
        ...[
          { from: open.from, to: run.from },
          { from: run.to, to: open.to },
        ].filter(({ from, to }) => from < to),
      );
      this.#startedAt ??= monotonic;
      this.#assigned += run.to - run.from;
      return run;
    }
    return undefined;
  }

  #readyIn({ from, to }: Run, most: number, storeNow: number): Run | undefined {
    if (typeof this.#items === "number") return { from, to: Math.min(to, from + most) };
    const ready = (position: number) => (itemAt(this.#items, position).notBefore ?? 0) <= storeNow;
    while (from < to && !ready(from)) from++;
    let end = from;
    while (end < to && end - from < most && ready(end)) end++;
    return from < end ? { from, to: end } : undefined;
  }

  /** Whether the first of what is open, in item order, may start. */
  firstIsReady(storeNow: number): boolean {
    return this.firstNotBefore() <= storeNow;
  }

  /** Store time at which that one may start; infinite when nothing is open. */
  firstNotBefore(): number {
    const [first] = this.#open;
    return first === undefined ? Number.POSITIVE_INFINITY : (itemAt(this.#items, first.from).notBefore ?? 0);
  }

  /** Store time at which the first of what is open may start. */
  notBefore(): number {
    if (typeof this.#items === "number") return 0;
    return Math.min(...positionsOf(this.#open).map((position) => itemAt(this.#items, position).notBefore ?? 0));
  }

  /** Positions that were assigned and did not start may start again. */
  giveBack(positions: readonly number[]): void {
    if (positions.length === 0) return;
    this.#assigned -= positions.length;
    const all = [...positionsOf(this.#open), ...positions].sort((x, y) => x - y);
    this.#open = runsOf(all);
  }

  /** What is open stays open: the commit carries it over. */
  close(): void {
    this.#closed = true;
  }

  /** The batch took too long, or grew too big: what ran is committed, the rest is carried over. */
  closeIfOverdue(monotonic: number, limit: number): void {
    if (this.open === 0 || !this.brings) return;
    if (this.#bytes > fullAt || this.age(monotonic) > limit) this.close();
  }

  succeeded({ position, count, bytes, seconds, memory, room }: Omit<Succeeded, "kind">): void {
    if (memory) this.memories.push(memory);
    this.#report(position, count, bytes, room);
    this.#succeeded += count;
    this.#seconds += seconds;
  }

  /** A success whose value is in a blob. */
  stored(position: number, bytes: Uint8Array, seconds: number): void {
    this.succeeded({ position, count: 1, bytes, seconds });
    this.#blobs++;
  }

  /** Another attempt is made of it if its budget allows for one, and there is enough memory for it anywhere: true. */
  failed(position: number, failure: Failure, options: SubmissionOptions, worker: FailedOn): boolean {
    const item = itemAt(this.#items, position);
    const { error, blame } = failure;
    const spent = spend(item, blame, options);
    const memory = memoryAfter(item, blame, options, worker);
    if (!spent || memory === "none") {
      this.condemned(position, spent ? onLargest(failure) : failure);
      return false;
    }
    const notBefore = Math.round(worker.storeNow + retryDelay(options.backoff, item.attempt));
    this.#carry({ offset: item.offset, attempt: item.attempt + 1, notBefore, error, blame, ...spent, ...memory });
    this.#grown++;
    return true;
  }

  /** It failed for good. */
  condemned(position: number, { error, blame, seconds }: Failure): void {
    const item = itemAt(this.#items, position);
    this.#failed.push(item.offset);
    this.#report(position, 1, encodeLine(this.#names, item, { status: "failed", error, blame, seconds }));
  }

  cancelled(position: number): void {
    this.#report(
      position,
      1,
      encodeLine(this.#names, itemAt(this.#items, position), { status: "cancelled", seconds: 0 }),
    );
    this.#cancelled++;
  }

  /** Stopped while it ran, at no fault of its own. */
  carried(position: number): void {
    this.#carry(itemAt(this.#items, position));
  }

  /** What is open and will not run ends as cancelled: all of it, or `only` these positions. */
  cancelOpen(only?: ReadonlySet<number>): void {
    if (only?.size === 0 || this.#open.length === 0) return;
    const open = positionsOf(this.#open);
    const stopped = only ? open.filter((position) => only.has(position)) : open;
    this.#open = only ? runsOf(open.filter((position) => !only.has(position))) : [];
    this.#assigned += stopped.length;
    for (const position of stopped) this.cancelled(position);
  }

  result(logs: BatchResult["logs"]): BatchResult {
    this.#pieces.sort((a, b) => a.position - b.position);
    const [first] = this.#pieces;
    return {
      lines: this.#pieces.map(({ bytes }) => bytes),
      room: first?.room,
      succeeded: this.#succeeded,
      failed: this.#failed,
      cancelled: this.#cancelled,
      again: [...this.#again, ...positionsOf(this.#open).map((position) => itemAt(this.#items, position))].sort(
        (a, b) => a.offset - b.offset,
      ),
      seconds: this.seconds,
      blobs: this.#blobs,
      logs,
    };
  }

  #report(position: number, count: number, bytes: Uint8Array, room?: number): void {
    this.#assigned -= count;
    this.#bytes += bytes.length;
    this.#pieces.push({ position, count, bytes, room });
  }

  #carry(item: Item): void {
    this.#assigned--;
    this.#again.push(item);
  }
}

type Succeeded = Extract<Report, { kind: "lines" }>;
type Failure = Pick<Extract<Report, { kind: "failed" }>, "error" | "blame" | "seconds">;

/** Where and when an attempt failed. */
export interface FailedOn {
  readonly storeNow: number;
  /** Bytes that the worker has; undefined: nobody has set it a limit. */
  readonly memory: number | undefined;
}

/** What its item says of the memory of the next attempt. `none`: it would take more than any worker can have. */
function memoryAfter(
  item: Item,
  blame: Failure["blame"],
  { memoryOnOom: growth }: SubmissionOptions,
  { memory }: FailedOn,
): Pick<Item, "memory"> | "none" {
  const needed = blame === "oom" && growth && memory !== undefined ? grown(memory, growth) : item.memory;
  if (needed === undefined) return {};
  return needed > (growth?.most ?? Number.POSITIVE_INFINITY) ? "none" : { memory: needed };
}

function onLargest(failure: Failure): Failure {
  const { error } = failure;
  if (typeof error !== "object" || error === null || Array.isArray(error)) return failure;
  const own = error as JsonObject;
  if (typeof own.message !== "string") return failure;
  return { ...failure, error: { ...own, message: `${own.message}, and no worker can have more` } };
}

/** Doubled for each attempt, up to a minute. */
function retryDelay(first: number, attempt: number): number {
  return Math.min(first * 2 ** (attempt - 1), 60_000);
}

/** Positions from..to-1. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

function sizeOf(runs: readonly Run[]): number {
  let size = 0;
  for (const { from, to } of runs) size += to - from;
  return size;
}

function positionsOf(runs: readonly Run[]): number[] {
  const positions: number[] = [];
  for (const { from, to } of runs) for (let position = from; position < to; position++) positions.push(position);
  return positions;
}

function runsOf(positions: readonly number[]): Run[] {
  const runs: { from: number; to: number }[] = [];
  for (const position of positions) {
    const last = runs.at(-1);
    if (last?.to === position) last.to++;
    else runs.push({ from: position, to: position + 1 });
  }
  return runs;
}

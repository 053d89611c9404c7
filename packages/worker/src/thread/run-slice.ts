import type { Shared } from "@skyburst/core";
import { stopCell } from "./board.ts";
import type { Board } from "./board.ts";
import { Context } from "./context.ts";
import type { ContextHost } from "./context.ts";
import { InputLines, richInput } from "./inputs.ts";
import { Lane } from "./lane.ts";
import type { AnyTask } from "./load-program.ts";
import { now } from "./now.ts";
import type { Outbox } from "./outbox.ts";
import { failedOutcome, overdueOutcome, successOutcome } from "./outcomes.ts";
import { overdueError } from "./overdue.ts";
import type { Prints } from "./prints.ts";
import type { SharedValues } from "./shared-values.ts";
import { laneLimit } from "./slice.ts";
import type { Slice } from "./slice.ts";

/** What the slices of one thread have in common. */
export interface ThreadParts {
  readonly board: Board;
  readonly outbox: Outbox;
  readonly prints: Prints;
  readonly values: SharedValues;
}

/** One slice that runs. A task that needs no closure, promise or timer gets none: a call of it costs less than those. */
export class SliceRun implements ContextHost {
  readonly number: number;
  readonly slice: Slice;
  /** Positions that ran when the slice was aborted, and did not succeed. */
  readonly aborted: number[] = [];
  readonly #task: AnyTask;
  readonly #parts: ThreadParts;
  readonly #inputs: InputLines;
  readonly #rich: ReadonlySet<number> | undefined;
  readonly #lanes: readonly Lane[];
  #next = 0;
  #abort: DOMException | undefined;

  constructor(number: number, slice: Slice, task: AnyTask, parts: ThreadParts) {
    this.number = number;
    this.slice = slice;
    this.#task = task;
    this.#parts = parts;
    this.#inputs = new InputLines(slice);
    this.#rich = slice.rich === undefined || slice.rich.length === 0 ? undefined : new Set(slice.rich);
    const lanes = Math.max(1, Math.min(slice.concurrency ?? 1, slice.count, laneLimit));
    this.#lanes = Array.from({ length: lanes }, (_, number) => new Lane(number));
  }

  run(): Promise<void> {
    return this.#parts.prints.attribute(this.#lanes, (lane) => this.#runLane(lane));
  }

  /** The tasks that run. */
  get running(): readonly Lane[] {
    return this.#lanes.filter((lane) => lane.position >= 0);
  }

  abort(): void {
    this.#abort = new DOMException("The task was cancelled.", "AbortError");
    for (const lane of this.running) lane.abort(this.#abort);
  }

  /** A task's time is over. It may be that it has ended meanwhile. */
  overdue(position: number): void {
    const lane = this.running.find((lane) => lane.position === position);
    if (lane === undefined) return;
    lane.overdue = position;
    lane.abort(new DOMException(overdueError(this.slice.timeout).message, "TimeoutError"));
  }

  print(position: number, text: string): void {
    const lane = this.running.find((lane) => lane.position === position);
    this.#parts.prints.print(lane, 3, Buffer.from(text));
  }

  shared<T>(shared: Shared<T>): Promise<T> {
    return this.#parts.values.get(shared);
  }

  /** The failure of a task that has not settled, and may never do so. */
  fail(lane: Lane, error: unknown): void {
    this.#failed(lane, error, now() - this.#parts.board.since[lane.number]!);
  }

  async #runLane(lane: Lane): Promise<void> {
    const { slice } = this;
    const { board, outbox, values } = this.#parts;
    const { cells, positions, since } = board;
    const stop = stopCell(this.number);
    const task = this.#task;
    // The end of one task is the start of the next: one look at the clock for each.
    let started = now();
    while (this.#next < slice.count && cells[stop] !== this.number) {
      const position = this.#next++;
      since[lane.number] = started;
      positions[lane.number] = position;
      lane.position = position;
      let ended: number;
      try {
        const input: unknown = this.#rich?.has(position)
          ? await richInput(this.#inputs.next(), slice, values)
          : this.#inputs.value();
        let result = task(input, this.#contextFor(lane, position));
        if (isThenable(result)) {
          outbox.waiting();
          result = await result;
        }
        ended = now();
        if (lane.overdue === position) this.#failed(lane, undefined, ended - started);
        else successOutcome(position, result, slice, ended - started, ended, outbox);
      } catch (error) {
        ended = now();
        this.#failed(lane, error, ended - started);
      }
      started = ended;
    }
    positions[lane.number] = -1;
    lane.position = -1;
    lane.context = undefined;
  }

  #contextFor(lane: Lane, position: number): Context {
    const { index, offsets, attempts } = this.slice;
    const context = new Context(index + (offsets?.[position] ?? position), attempts?.[position] ?? 1, position, this);
    lane.context = context;
    if (this.#abort !== undefined) lane.abort(this.#abort);
    return context;
  }

  #failed(lane: Lane, error: unknown, ms: number): void {
    const { position } = lane;
    const { outbox } = this.#parts;
    if (lane.overdue === position) outbox.finished(overdueOutcome(position, this.slice, ms));
    else if (this.#abort !== undefined) this.aborted.push(position);
    else outbox.finished(failedOutcome(position, error, ms));
  }
}

function isThenable(result: unknown): result is PromiseLike<unknown> {
  return typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function";
}

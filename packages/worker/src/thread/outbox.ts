import type { LogChannel, Spares } from "@skyburst/core/protocol";
import { cell } from "./board.ts";
import type { Board } from "./board.ts";
import { LineWriter } from "./line-writer.ts";
import type { LineValue } from "./line-writer.ts";
import { recordSize, writeRecord } from "./log-records.ts";
import type { Post } from "./messages.ts";
import { now } from "./now.ts";
import type { Finished } from "./slice.ts";

/**
 * What a thread has to tell: collected on the board, where it outlives the thread, and posted now and then.
 *
 * A post costs both sides about 20 µs, and wakes the worker, so quick tasks share one.
 */
export class Outbox {
  readonly #board: Board;
  readonly #writer: LineWriter;
  readonly #spares: Spares;
  readonly #send: (post: Post, transfer: ArrayBuffer[]) => void;
  #slice = 0;
  #lineBytes = 0;
  #logBytes = 0;
  /** Bytes of logs over the life of the thread; it wraps, as the board's count of those that were taken does. */
  #logged = 0;
  #rows: number[] = [];
  #following = -1;
  #finished: Finished[] = [];
  #transfer: ArrayBuffer[] = [];
  #posted = 0;
  /** When the line before came. */
  #ended = 0;
  #armed = false;

  constructor(board: Board, spares: Spares, send: (post: Post, transfer: ArrayBuffer[]) => void) {
    this.#board = board;
    this.#spares = spares;
    this.#writer = new LineWriter(board.lines);
    this.#send = send;
  }

  begin(slice: number): void {
    this.flush();
    this.#slice = slice;
    this.#board.cells[cell.slice] = slice;
    this.#posted = now();
    this.#ended = this.#posted;
  }

  /** The outcome of a success: what {@link LineWriter.write} takes; `ended` is this moment. */
  line(
    position: number,
    index: number,
    task: number,
    value: LineValue,
    attempts: number,
    ms: number,
    ended: number,
  ): void {
    const { cells, lines } = this.#board;
    if (this.#lineBytes + LineWriter.size(value) > lines.length) this.flush();
    const rows = this.#rows;
    if (position === this.#following) {
      rows[rows.length - 2]!++;
      rows[rows.length - 1]! += ms;
    } else rows.push(this.#lineBytes, position, 1, ms);
    this.#lineBytes = this.#writer.write(this.#lineBytes, index, task, value, attempts, ms);
    cells[cell.lines + (cells[cell.generation]! & 1)] = this.#lineBytes;
    this.#following = position + 1;
    // One as long as this may come too late, or be the last of its slice, which posts anyway.
    const due = ended - this.#posted + (ended - this.#ended) > postInterval;
    this.#ended = ended;
    if (due) this.flush();
  }

  /** What is not a line leaves at once: it is rare, and not on the board. */
  finished(finished: Finished, transfer: ArrayBuffer[] = []): void {
    this.#finished.push(finished);
    this.#transfer.push(...transfer);
    this.flush();
  }

  log(position: number, channel: LogChannel, bytes: Uint8Array): void {
    const { cells, logs } = this.#board;
    const most = logs.length - recordSize(0);
    if (bytes.length > most) {
      this.log(position, channel, bytes.subarray(0, most));
      this.log(position, channel, bytes.subarray(most));
      return;
    }
    if (this.#logBytes + recordSize(bytes.length) > logs.length) {
      this.flush();
      this.#untilTaken();
    }
    this.#logged = (this.#logged + bytes.length) | 0;
    this.#logBytes = writeRecord(logs, this.#logBytes, position, channel, bytes);
    cells[cell.logs + (cells[cell.generation]! & 1)] = this.#logBytes;
    if (now() - this.#posted > logInterval) this.flush();
  }

  /**
   * Blocks while much of what was printed is not stored, as a full pipe blocks who writes to it: nothing else holds back a task that
   * prints without end. Whoever ends the thread ends the wait as well.
   */
  #untilTaken(): void {
    const { cells } = this.#board;
    for (;;) {
      const taken = Atomics.load(cells, cell.taken);
      if (((this.#logged - taken) | 0) <= mostAhead) return;
      Atomics.wait(cells, cell.taken, taken);
    }
  }

  /** Before a task waits: what is there leaves soon, whatever it waits for. */
  waiting(): void {
    if (this.#armed || this.#empty) return;
    this.#armed = true;
    setTimeout(() => {
      this.#armed = false;
      this.flush();
    }, waitingInterval).unref();
  }

  flush(last: Pick<Post, "end" | "unloadable"> = {}): void {
    if (this.#empty && last.end === undefined && last.unloadable === undefined) return;
    const { cells, lines, logs } = this.#board;
    const generation = cells[cell.generation]!;
    const post: Post = {
      slice: this.#slice,
      generation,
      lines: this.#lineBytes === 0 ? undefined : this.#copy(lines.subarray(0, this.#lineBytes)),
      rows: this.#rows,
      logs: this.#logBytes === 0 ? undefined : logs.slice(0, this.#logBytes),
      finished: this.#finished,
      ...last,
    };
    const next = (generation + 1) & 1;
    cells[cell.lines + next] = 0;
    cells[cell.logs + next] = 0;
    this.#send(post, this.#transfers(post));
    Atomics.store(cells, cell.generation, generation + 1);
    this.#reset();
  }

  #copy(lines: Uint8Array): Uint8Array<ArrayBuffer> {
    const copy = this.#spares.take(lines.length + headerRoom).subarray(headerRoom);
    copy.set(lines);
    return copy;
  }

  get #empty(): boolean {
    return this.#lineBytes === 0 && this.#logBytes === 0 && this.#finished.length === 0;
  }

  #transfers(post: Post): ArrayBuffer[] {
    const copies = [post.lines, post.logs].flatMap((bytes) =>
      bytes === undefined ? [] : [bytes.buffer as ArrayBuffer],
    );
    return [...this.#transfer, ...copies];
  }

  #reset(): void {
    this.#lineBytes = 0;
    this.#logBytes = 0;
    this.#rows = [];
    this.#following = -1;
    this.#finished = [];
    this.#transfer = [];
    this.#posted = now();
  }
}

/** Bytes of logs that may be on their way. */
const mostAhead = 1_048_576;
/** Bytes before the lines for the header of a commit, which most often is no longer: then nobody copies them once more. */
const headerRoom = 1024;
/**
 * Milliseconds between posts of a thread that computes: what it adds later than this after a post, it posts at once. Most slices end
 * sooner, and what of them is finished is safe on the board.
 */
const postInterval = 200;
/** The same for what tasks print, which somebody may wait to read. */
const logInterval = 100;
/** Milliseconds behind a post from which on nothing is added to the board that is not posted at once. */
export const boardInterval = Math.max(postInterval, logInterval);
/** Milliseconds that a result waits when the thread has nothing else to do. */
const waitingInterval = 10;

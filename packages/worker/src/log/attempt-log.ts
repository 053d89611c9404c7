import type { CommitLog, Facts, LogId, SessionKeys } from "@skyburst/core/protocol";
import type { LogChannel } from "@skyburst/core/protocol";
import type { Mask } from "../secrets/mask.ts";
import type { MaskedStream } from "../secrets/masked-stream.ts";
import { isFull } from "../is-full.ts";
import { FrameBuffer } from "./frame-buffer.ts";
import type { LogRoom } from "./log-room.ts";

/** What is printed becomes an object from here on, whoever reads; in bytes. */
const writeAt = 1_048_576;

/** Who prints waits when so much of its log is not stored, in bytes: the object on its way, and the next one. */
const mostUnwritten = 4_194_304;

/** Up to here what was not written out rides in the commit. */
const rideLimit = 65_536;

/** How long a line may wait for its object while nobody follows, in milliseconds: 1, 2, 4 … 30 s, from object to object. */
const firstWait = 1000;
const longestWait = 30_000;

/** What a log needs of its worker. */
export interface LogHost {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly room: LogRoom;
  /** What must not be seen. Default: nothing. */
  readonly mask?: Mask | undefined;
  /** How soon a followed line becomes an object, in milliseconds. */
  readonly followed: FollowedPace;
  monotonic(): number;
  /** Something waits to be written that did not before. */
  waits(): void;
  /** The room is full: what can be written shall be. */
  crowded(): void;
  failed(error: unknown): void;
}

export interface FollowedPace {
  /** From the first byte on, so that what is printed in one go is one object. */
  readonly gather: number;
  /** Between two objects. */
  readonly apart: number;
  /** Of a task that has ended: its commit is about to bring the line to every reader. */
  readonly over: number;
}

/**
 * The log of one attempt: frames of channel, length and bytes. Offsets count frame bytes. A silent attempt costs nothing,
 * a short log rides in the commit, and only what is long or followed becomes objects, closed by an end mark.
 *
 * States: open → ended. One object is written at a time, so that they are there in the order of their offsets.
 */
export class AttemptLog {
  /** Index in the session. */
  readonly task: number;
  readonly #host: LogHost;
  readonly #id: LogId;
  readonly #limit: number;
  readonly #frames = new FrameBuffer();
  readonly #masked = new Map<LogChannel, MaskedStream>();
  /** Bytes that were printed and kept, and those that were too many. */
  #kept = 0;
  #dropped = 0;
  #lastByte = newline;
  /** Frame bytes in log objects. */
  #written = 0;
  #writing: Promise<void> | undefined;
  #wait = firstWait;
  #since = 0;
  #lastWrite = Number.NEGATIVE_INFINITY;
  #isOver = false;
  #ended = false;
  #lost: Error | undefined;
  /** Frame bytes of the object that could not be written. */
  #unstored = 0;

  constructor(host: LogHost, id: LogId, task: number, limit: number) {
    this.#host = host;
    this.#id = id;
    this.task = task;
    this.#limit = limit;
  }

  /** Frame bytes that no object holds yet. */
  get pending(): number {
    return this.#frames.size;
  }

  /** Why the store takes no more of it, where that is for want of room: who prints could end by itself, and others go on. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  /** Returns a promise when who prints is ahead of the store: nothing more is to be printed before it resolves. */
  add(channel: LogChannel, bytes: Uint8Array): void | Promise<void> {
    if (this.#ended) return undefined;
    const { mask } = this.#host;
    return mask ? this.#keep(channel, this.#streamOf(channel, mask).next(bytes)) : this.#keep(channel, bytes);
  }

  #streamOf(channel: LogChannel, mask: Mask): MaskedStream {
    const stream = this.#masked.get(channel) ?? mask.stream();
    this.#masked.set(channel, stream);
    return stream;
  }

  #keep(channel: LogChannel, bytes: Uint8Array): void | Promise<void> {
    const room = this.#lost ? 0 : Math.min(bytes.length, this.#limit - this.#kept);
    if (room > 0) this.#append(channel, bytes.subarray(0, room));
    this.#kept += room;
    if (room < bytes.length) this.#drop(bytes.length - room);
    if (room <= 0) return undefined;
    if (this.pending >= writeAt) this.write();
    if (this.#host.room.full) this.#host.crowded();
    return this.#mustWait ? this.#space() : undefined;
  }

  /** Its task has ended, and waits for its commit. */
  over(): void {
    this.#isOver = true;
  }

  /** Monotonic time at which what waits has to be written; infinite when nothing waits, or a write is on its way. */
  due(isFollowed: boolean): number {
    if (this.pending === 0 || this.#writing || this.#ended) return Number.POSITIVE_INFINITY;
    if (!isFollowed) return this.#since + this.#wait;
    const { gather, apart, over } = this.#host.followed;
    return Math.max(this.#since + (this.#isOver ? over : gather), this.#lastWrite + apart);
  }

  /** Writes what waits, unless a write is on its way. */
  write(): void {
    if (this.#writing || this.#ended || this.pending === 0) return;
    this.#wait = Math.min(this.#wait * 2, longestWait);
    this.#orLose(this.#flush()).catch((error: unknown) => this.#host.failed(error));
  }

  /**
   * Called once, when nothing more will be printed, and before the commit of the attempt's outcome: what the log refers to is there
   * before the outcome is. `room`: bytes that may ride. What it returns is for the commit, by which every log is known to who reads it;
   * undefined: nothing was printed.
   */
  async end(room: number): Promise<{ readonly log: CommitLog; readonly bytes: Uint8Array } | undefined> {
    // Nobody waits for who prints no more.
    for (const [channel, stream] of this.#masked) void this.#keep(channel, stream.end());
    this.#tellDropped();
    // What somebody else wrote from here on would come behind the end mark, or behind the commit.
    this.#ended = true;
    await this.#orLose(this.#writing);
    if (this.pending > Math.min(rideLimit, room)) await this.#orLose(this.#flush());
    const { facts, keys } = this.#host;
    if (this.#written > 0) await facts.create(keys.logEnd(this.#id), empty);
    else if (this.pending === 0) return undefined;
    const bytes = this.#frames.take();
    this.#host.room.give(bytes.length);
    const { offset, attempt } = this.#id;
    const dropped = this.#dropped > 0 ? { dropped: this.#dropped } : {};
    return { log: { offset, attempt, at: this.#written, bytes: bytes.length, ...dropped }, bytes };
  }

  #append(channel: LogChannel, bytes: Uint8Array): void {
    const before = this.pending;
    this.#frames.append(channel, bytes);
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    this.#host.room.take(this.pending - before);
    if (before > 0) return;
    this.#since = this.#host.monotonic();
    this.#host.waits();
  }

  #drop(bytes: number): void {
    const isFirst = this.#dropped === 0;
    this.#dropped += bytes;
    if (isFirst && !this.#lost)
      this.#mark(`From here on output is dropped: a task may print ${this.#limit} bytes (logLimit).`);
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#mark(`${this.#dropped} bytes of output were dropped${this.#lost ? `: ${this.#lost.message}` : "."}`);
  }

  /** A line of its own, on stderr: what a task wrote to stdout stays what it wrote. */
  #mark(text: string): void {
    this.#append(2, encoder.encode(`${this.#lastByte === newline ? "" : "\n"}… ${text}\n`));
  }

  get #mustWait(): boolean {
    return !this.#ended && (this.pending >= mostUnwritten || this.#host.room.full);
  }

  async #space(): Promise<void> {
    while (this.#mustWait) await this.#host.room.given();
  }

  /** A store that has no room may have some for all that is smaller than this log. */
  async #orLose(writing: Promise<void> | undefined): Promise<void> {
    try {
      await writing;
    } catch (error) {
      if (!isFull(error)) throw error;
      if (!this.#lost) this.#lose(error);
    }
  }

  #lose(why: Error): void {
    this.#lost = why;
    const { length } = this.#frames.take();
    this.#host.room.give(length);
    this.#dropped += this.#unstored + length;
    if (this.#ended) this.#tellDropped();
  }

  #flush(): Promise<void> {
    const bytes = this.#frames.take();
    const key = this.#host.keys.log(this.#id, this.#written);
    this.#written += bytes.length;
    this.#lastWrite = this.#host.monotonic();
    this.#writing = this.#store(key, bytes);
    return this.#writing;
  }

  async #store(key: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#host.facts.create(key, bytes);
    } catch (error) {
      // What comes behind it stands where it would have stood.
      this.#written -= bytes.length;
      this.#unstored = bytes.length;
      throw error;
    } finally {
      this.#writing = undefined;
      this.#host.room.give(bytes.length);
    }
    if (this.#host.room.full) this.#host.crowded();
    if (this.pending >= writeAt) this.write();
    else if (this.pending > 0) this.#host.waits();
  }
}

const empty = new Uint8Array();
const encoder = new TextEncoder();
const newline = 10;

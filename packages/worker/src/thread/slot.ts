import { optimizeLater } from "@skyburst/core/protocol";
import type { Spares } from "@skyburst/core/protocol";
import { settleDeath } from "./death.ts";
import { WorkerError } from "../errors.ts";
import { Flight } from "./flight.ts";
import { heed } from "./heed.ts";
import { nobody } from "./log-records.ts";
import { Lookout } from "./lookout.ts";
import type { Post } from "./messages.ts";
import { sliceLimit } from "./slice.ts";
import type { Finished, RunOptions, Slice, SliceEnd, Slot, Tell } from "./slice.ts";
import { ThreadLife } from "./thread-life.ts";
import type { ThreadEnd, ThreadOptions } from "./thread-life.ts";
import { checkTimes } from "./time-limit.ts";

export interface ThreadSlotOptions extends ThreadOptions {
  /** The stored bytes of a shared value. Asked once per value and thread; whoever answers fetches it once per worker. */
  readonly shared: (sha256: string) => Promise<Uint8Array>;
  /** Memory of results that are stored. */
  readonly spares?: Spares | undefined;
  /** What was printed while no task ran, by leftovers of earlier ones. */
  readonly stray: (bytes: Uint8Array) => void;
}

/** A slot on a thread. The thread starts at once, so that it is up when there is something to run. */
export function threadSlot(options: ThreadSlotOptions): Slot {
  return new ThreadSlot(options);
}

/**
 * The thread starts, is up, ends, and starts again until the slot is closed. Slices fly in order: the first one is what
 * the thread is at, or comes to next. One that it was at when it ended is over; the ones behind go on in the next life.
 */
class ThreadSlot implements Slot {
  readonly #options: ThreadSlotOptions;
  #thread: ThreadLife | undefined;
  #flights: readonly Flight[] = [];
  #numbers = 0;
  #closed = false;
  readonly #lookout: Lookout;

  readonly starting: Promise<void>;
  #up: () => void = () => undefined;

  constructor(options: ThreadSlotOptions) {
    this.#options = options;
    this.starting = new Promise((resolve) => (this.#up = resolve));
    this.#lookout = new Lookout({ board: () => this.#lookAtBoard(), times: () => this.#lookAtTimes() });
    this.#start();
  }

  async run(slice: Slice, report: Tell, options: RunOptions = {}): Promise<SliceEnd> {
    if (this.#closed) throw new WorkerError("closed", "The slot was closed.");
    if (this.#flights.length >= sliceLimit)
      throw new WorkerError("busy", `A slot takes ${sliceLimit} slices at a time.`);
    const flight = new Flight(++this.#numbers, slice, report);
    this.#flights = [...this.#flights, flight];
    const thread = this.#thread ?? this.#start();
    thread.run(flight.number, slice, this.#options.spares?.lend());
    this.#lookout.began(slice.timeout);
    return heed(flight, options, {
      stop: () => this.#stop(flight),
      abort: () => this.#thread?.abort(flight.number),
      kill: () => this.#kill(flight),
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const flight of this.#flights) flight.aborted = true;
    this.#lookout.close();
    await this.#thread?.kill("stop");
  }

  #start(): ThreadLife {
    const thread: ThreadLife = new ThreadLife(this.#options, {
      up: () => this.#up(),
      post: (post) => this.#take(thread, post),
      share: (sha256) => void this.#share(thread, sha256),
      exit: (end) => this.#ended(thread, end),
    });
    this.#thread = thread;
    return thread;
  }

  #take(thread: ThreadLife, post: Post): void {
    if (post.lines !== undefined) optimizeLater();
    this.#lookout.posted();
    const flight = this.#flights.find(({ number }) => number === post.slice);
    this.#deliver(thread, thread.reader.fromPost(post, flight?.slice), flight);
    if (flight === undefined) return;
    if (post.unloadable !== undefined) flight.failAll(post.unloadable, "user");
    if (post.end !== undefined) this.#land(flight, post.end.aborted);
  }

  #deliver(thread: ThreadLife, all: readonly Finished[], flight: Flight | undefined): void {
    for (const finished of all) {
      const isStray = finished.kind === "log" && finished.position === nobody;
      if (isStray) this.#options.stray(finished.bytes);
      const taken = isStray ? undefined : flight?.report(finished);
      if (finished.kind !== "log") continue;
      const { length } = finished.bytes;
      if (taken === undefined) thread.took(length);
      // Whoever can't take it ends the worker.
      else void taken.finally(() => thread.took(length));
    }
  }

  #land(flight: Flight, aborted: readonly number[]): void {
    this.#flights = this.#flights.filter((other) => other !== flight);
    flight.end(aborted);
  }

  async #share(thread: ThreadLife, sha256: string): Promise<void> {
    try {
      thread.share(sha256, await this.#options.shared(sha256));
    } catch (error) {
      thread.share(sha256, undefined, error instanceof Error ? error.message : String(error));
    }
  }

  #ended(thread: ThreadLife, end: ThreadEnd): void {
    this.#thread = undefined;
    const flight = this.#flightOf(thread);
    this.#deliver(thread, thread.reader.fromBoard(flight?.slice), flight);
    if (flight !== undefined) this.#land(flight, settleDeath(flight, thread, end));
    if (this.#closed) for (const flight of this.#flights) this.#land(flight, []);
    else if (thread.up) this.#restart();
    else this.#giveUp(end);
  }

  /** What the thread is at. */
  #flightOf(thread: ThreadLife): Flight | undefined {
    const [first] = this.#flights;
    return first?.number === thread.slice ? first : undefined;
  }

  #restart(): void {
    const thread = this.#start();
    for (const { number, slice } of this.#flights) thread.run(number, slice);
    this.#lookout.posted();
  }

  /** A thread that cannot even start would be started for ever. The next slice tries again. */
  #giveUp({ code, error }: ThreadEnd): void {
    const reason = error instanceof Error ? error.message : `it exited with code ${code}`;
    const failure = new WorkerError("boot", `No thread for tasks can be started: ${reason}`, { cause: error });
    const flights = this.#flights;
    this.#flights = [];
    for (const flight of flights) flight.reject(failure);
  }

  /** A slice that the thread has not come to is over at once. */
  #stop(flight: Flight): void {
    const thread = this.#thread;
    thread?.stop(flight.number);
    if (thread === undefined || this.#flightOf(thread) !== flight) this.#land(flight, []);
  }

  /** By now the thread may be at the next slice, which has done nothing wrong. */
  #kill(flight: Flight): void {
    const thread = this.#thread;
    if (thread !== undefined && this.#flightOf(thread) === flight) void thread.kill("stop");
  }

  /** Takes what the thread has not posted. Whether it is at its first slice. */
  #lookAtBoard(): boolean {
    const thread = this.#thread;
    if (this.#flights.length === 0) return true;
    const flight = thread === undefined ? undefined : this.#flightOf(thread);
    if (thread === undefined || flight === undefined) return false;
    this.#deliver(thread, thread.reader.fromBoard(flight.slice), flight);
    return true;
  }

  /** Looks after time limits, and tells in how many milliseconds to look again. */
  #lookAtTimes(): number {
    const thread = this.#thread;
    const flight = thread === undefined ? undefined : this.#flightOf(thread);
    const waits = this.#flights.map((other) =>
      thread !== undefined && other === flight
        ? checkTimes(other, thread)
        : (other.slice.timeout ?? Number.POSITIVE_INFINITY),
    );
    return Math.min(...waits);
  }
}

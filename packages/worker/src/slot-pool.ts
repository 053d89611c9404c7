import type { Runtime, Submission } from "@skyburst/core/protocol";
import { aheadSeconds, assignmentSeconds, firstLook, mostInFlight } from "./pace.ts";
import { lastSeconds, Rates } from "./rates.ts";
import { offsetCount } from "./slot.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slots } from "./slot.ts";

/** What a run gives out, and whom it wants to hear of it. */
export interface Handout {
  readonly assignment: Assignment;
  readonly report: (report: Report) => void;
  readonly end: (end: AssignmentEnd) => void;
}

/** What a slot has to do; times are monotonic. */
interface Load {
  /** It has had an assignment. */
  opened: boolean;
  inFlight: number;
  /** When it will have done what it has, as far as rates tell. */
  until: number;
  /** When its last assignment ended: one that waited behind it began then. */
  free: number;
}

/** The slots of a worker with what they have to do, and how fast they are at it. */
export class SlotPool {
  readonly #slots: Slots;
  readonly #runtime: Runtime;
  readonly #rates = new Rates();
  readonly #loads: readonly Load[];
  /** Monotonic time from which on slots besides the first may be opened; while it is to come, the next assignment may put it off. */
  #spreadAt = Number.POSITIVE_INFINITY;
  readonly #wake: () => void;

  /** @param wake Called when there may be room that nobody else would tell of. */
  constructor(slots: Slots, runtime: Runtime, wake: () => void) {
    this.#slots = slots;
    this.#runtime = runtime;
    this.#wake = wake;
    this.#loads = Array.from({ length: slots.count }, () => ({ opened: false, inFlight: 0, until: 0, free: 0 }));
  }

  get count(): number {
    return this.#loads.length;
  }

  /** Slots that take an assignment now. */
  get room(): number {
    let room = 0;
    for (let number = 0; number < this.count; number++) if (this.hasRoom(number)) room++;
    return room;
  }

  hasRoom(number: number): boolean {
    return this.#until(number) <= 0;
  }

  /** Milliseconds until a slot takes another assignment; infinite when only the end of one makes room. */
  untilRoom(): number {
    return Math.min(...this.#loads.map((_, number) => this.#until(number)));
  }

  #until(number: number): number {
    const { opened, inFlight, until } = this.#load(number);
    if (!opened) return this.#untilOpened(number);
    if (inFlight === 0) return 0;
    if (inFlight >= mostInFlight) return Number.POSITIVE_INFINITY;
    return until - this.#runtime.monotonic() - aheadSeconds * 1000;
  }

  /**
   * Opening a slot starts a thread, which costs what a hundred thousand quick tasks do. So the first one shows whether they
   * are quick, and another is opened only while those that are open have enough to do.
   */
  #untilOpened(number: number): number {
    if (number === 0) return 0;
    const now = this.#runtime.monotonic();
    const busy = this.#loads.every(({ opened, until }) => !opened || until - now >= aheadSeconds * 1000);
    return busy ? Math.max(0, this.#spreadAt - now) : Number.POSITIVE_INFINITY;
  }

  /** The first slot begins an assignment: if it is at it for a while, there is work for others. */
  #firstBegins(): void {
    const now = this.#runtime.monotonic();
    if (this.#spreadAt > now) this.#spreadAt = now + firstLook;
  }

  #open(number: number): void {
    this.#load(number).opened = true;
    if (number > 0) return;
    const starting = this.#slots.starting?.(number);
    if (!starting) return this.#firstBegins();
    void starting.then(() => {
      this.#firstBegins();
      this.#wake();
    });
  }

  #load(number: number): Load {
    const load = this.#loads[number];
    if (!load) throw new RangeError(`There is no slot ${number}.`);
    return load;
  }

  /** Seconds per task, measured or else estimated by who submitted it. */
  seconds({ id, options: { estimate } }: Submission): number | undefined {
    return this.#rates.of(id) ?? (estimate === undefined ? undefined : estimate / 1000);
  }

  /** Most tasks in one assignment. What was never measured is given out singly: it may take an hour each. */
  most(submission: Submission): number {
    const { options } = submission;
    const seconds = this.seconds(submission);
    if (seconds === undefined) return options.concurrency;
    return Math.max(options.concurrency, Math.floor(assignmentSeconds / Math.max(seconds, 1e-9)));
  }

  /** Resolves when the assignment ended and whoever gave it out knows. */
  async run(number: number, handout: Handout, signals: RunSignals): Promise<void> {
    const load = this.#load(number);
    const { submission, offsets } = handout.assignment;
    const tasks = offsetCount(offsets);
    const seconds = this.seconds(submission);
    const start = this.#runtime.monotonic();
    load.inFlight++;
    load.until =
      seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(start, load.until) + tasks * seconds * 1000;
    const warm = this.#rates.isWarm(number, submission.id);
    let own: number | undefined;
    const report = (told: Report) => {
      if (!warm && told.kind === "lines") own = lastSeconds(told.bytes);
      handout.report(told);
    };
    const running = this.#slots.slot(number, submission).run(handout.assignment, report, signals);
    if (!load.opened) this.#open(number);
    else if (number === 0 && load.inFlight === 1) this.#firstBegins();
    const end = await running;
    const now = this.#runtime.monotonic();
    load.inFlight--;
    const ran = tasks - end.unstarted.length - end.aborted.length;
    const elapsed = (now - Math.max(start, load.free)) / 1000;
    this.#rates.add(submission.id, ran, warm ? elapsed : (own ?? elapsed) * ran);
    load.free = now;
    if (number === 0 && load.inFlight > 0) this.#firstBegins();
    if (load.inFlight === 0) load.until = now;
    handout.end(end);
  }
}

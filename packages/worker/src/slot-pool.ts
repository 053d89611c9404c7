import type { Runtime, Submission } from "@skyburst/core/protocol";
import { Load } from "./load.ts";
import { assignmentSeconds, many, quickSeconds, slowInRow } from "./pace.ts";
import { lastSeconds, Rates } from "./rates.ts";
import { offsetCount } from "./slot.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slots, Tell } from "./slot.ts";
import type { WorkDone } from "./work-done.ts";

/** What a run gives out, and whom it wants to hear of it. */
export interface Handout {
  readonly assignment: Assignment;
  readonly report: Tell;
  /** `lost`: seconds for which those ran that were stopped while they did. */
  readonly end: (end: AssignmentEnd, lost: number) => void;
  readonly signals: RunSignals;
  /** Has what did not start handed back. */
  readonly withdraw: () => void;
}

/** The slots of a worker with what they have to do, and how fast they are at it. */
export class SlotPool {
  readonly #slots: Slots;
  readonly #runtime: Runtime;
  readonly #rates = new Rates();
  readonly #loads: readonly Load[];
  /** What each slot was given last, unless it was withdrawn. */
  readonly #newest: (Handout | undefined)[] = [];
  readonly #work: WorkDone;
  readonly #wake: () => void;
  /** Tasks turned out not to be quick: there is work for more than the first slot. */
  #spread = false;
  /** Assignments of many tasks, one after the other, that kept their slot longer than giving them out takes. */
  #slow = 0;

  /** @param wake Called when there may be room that nobody else would tell of. */
  constructor(slots: Slots, runtime: Runtime, work: WorkDone, wake: () => void) {
    this.#work = work;
    this.#slots = slots;
    this.#runtime = runtime;
    this.#wake = wake;
    this.#loads = Array.from({ length: slots.count }, () => new Load());
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

  /** Slots in the order in which they are to be given something: who has nothing comes first. */
  *inNeed(): Generator<number> {
    const all = [...this.#loads.keys()];
    yield* all.filter((number) => this.#load(number).empty);
    yield* all.filter((number) => !this.#load(number).empty);
  }

  /**
   * While a slot has nothing to do and there is nothing else to give it, what waits behind another slot's assignment is
   * withdrawn, one at a time.
   */
  balance(): void {
    if (!this.#loads.some((load) => load.opened && load.empty)) return;
    for (const [number, load] of this.#loads.entries()) {
      const newest = this.#newest[number];
      if (!load.queues || newest === undefined) continue;
      this.#newest[number] = undefined;
      return newest.withdraw();
    }
  }

  /** Milliseconds until a slot takes another assignment; infinite when only the end of one makes room. */
  untilRoom(): number {
    return Math.min(...this.#loads.map((_, number) => this.#until(number)));
  }

  #until(number: number): number {
    const load = this.#load(number);
    return load.opened || number === 0 ? load.untilRoom(this.#runtime.monotonic()) : this.#untilOpened();
  }

  /**
   * Opening a slot starts a thread, which costs what a hundred thousand quick tasks do. So the first one shows whether they
   * are quick, and another is opened only while those that are open have enough to do.
   */
  #untilOpened(): number {
    const now = this.#runtime.monotonic();
    const untilSlow = this.#load(0).untilSlow(now);
    this.#spread ||= untilSlow <= 0;
    if (!this.#spread) return untilSlow;
    return Math.max(...this.#loads.map((load) => (load.opened ? load.untilBusy(now) : 0)));
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

  /** Bytes per outcome line, measured. */
  bytes({ id }: Submission): number | undefined {
    return this.#rates.bytesOf(id);
  }

  /** Most tasks in one assignment. What was never measured is given out singly: it may take an hour each. */
  most(submission: Submission): number {
    const { options } = submission;
    const seconds = this.seconds(submission);
    if (seconds === undefined) return options.concurrency;
    return Math.max(options.concurrency, Math.floor(assignmentSeconds / Math.max(seconds, 1e-9)));
  }

  /** Resolves when the assignment ended and whoever gave it out knows. */
  async run(number: number, handout: Handout): Promise<void> {
    const load = this.#load(number);
    const { submission, offsets } = handout.assignment;
    const tasks = offsetCount(offsets);
    const seconds = this.seconds(submission);
    const opening = !load.opened;
    const slot = this.#slots.slot(number, submission);
    if (slot.isUp) for (const each of this.#loads) each.opened = true;
    const item = load.begin(
      this.#runtime.monotonic(),
      seconds === undefined ? Number.POSITIVE_INFINITY : tasks * seconds * 1000,
      tasks,
      slot.ahead,
    );
    this.#newest[number] = handout;
    const warm = this.#rates.isWarm(number, submission.id);
    let own: number | undefined;
    let newest = Number.NEGATIVE_INFINITY;
    const report = (told: Report) => {
      if (told.kind !== "log") newest = this.#runtime.monotonic();
      if (told.kind === "lines") {
        if (!warm) own = lastSeconds(told.bytes);
        this.#rates.addLines(submission.id, told.count, told.bytes.length);
      }
      return handout.report(told);
    };
    const running = slot.run(handout.assignment, report, handout.signals);
    if (opening) this.#awaitStart(number, load);
    const end = await running;
    const now = this.#runtime.monotonic();
    const elapsed = load.end(now, item) / 1000;
    if (this.#newest[number] === handout) this.#newest[number] = undefined;
    const ran = tasks - end.unstarted.length - end.aborted.length;
    this.#rates.add(submission.id, ran, warm ? elapsed : (own ?? elapsed) * ran);
    this.#work.ran(tasks - end.unstarted.length, elapsed);
    if (ran >= many) this.#judge(elapsed / ran);
    // What was stopped began at the earliest when the one before it had ended.
    handout.end(end, end.aborted.length === 0 ? 0 : Math.min(elapsed, (now - newest) / 1000));
  }

  /** One assignment tells little: the first run before the task is compiled, and any of them on a core that had more to do. */
  #judge(seconds: number): void {
    this.#slow = seconds > quickSeconds ? this.#slow + 1 : 0;
    this.#spread ||= this.#slow >= slowInRow;
  }

  /** How long a slot takes to come up says nothing about its tasks. */
  #awaitStart(number: number, load: Load): void {
    const starting = this.#slots.starting?.(number);
    if (!starting) return;
    load.starting();
    void starting.then(() => {
      load.up(this.#runtime.monotonic());
      this.#wake();
    });
  }
}

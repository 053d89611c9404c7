import { blobParts } from "../../packages/core/src/serializer/index.ts";
import type { Submission } from "../../packages/core/src/protocol/index.ts";
import type { Blobs } from "../../packages/worker/src/blobs.ts";
import { offsetAt, offsetCount } from "../../packages/worker/src/slot.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slot, Slots } from "../../packages/worker/src/slot.ts";
import type { Evidence } from "./evidence.ts";
import { inputOf } from "./inputs.ts";
import type { SimProcess } from "./process.ts";
import type { Random } from "./random.ts";
import { faultOf } from "./faults-of-tasks.ts";
import { speedFrom } from "./speed.ts";
import { deathOf, taskPlan, valueOf } from "./tasks.ts";
import type { TaskPlan } from "./tasks.ts";
import type { World } from "./world.ts";

/** Slots of a simulated worker: its tasks take virtual time, fail, print, and end their process. */
export class SimSlots implements Slots {
  readonly count: number;
  readonly #slots: Slot[];

  constructor(world: World, process: SimProcess, evidence: Evidence, blobs: Blobs) {
    this.count = world.scenario.slots;
    this.#slots = Array.from(
      { length: this.count },
      (_, n) => new SimSlot(world, process, evidence, blobs, world.random.fork(`slot ${n} of ${process.name}`)),
    );
  }

  prepare(): void {
    // Nothing has to be loaded.
  }

  slot(number: number, _: Submission): Slot {
    const slot = this.#slots[number];
    if (!slot) throw new RangeError(`There is no slot ${number}.`);
    return slot;
  }

  async close(): Promise<void> {
    // Nothing was opened.
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class SimSlot implements Slot {
  readonly #world: World;
  readonly #process: SimProcess;
  readonly #evidence: Evidence;
  readonly #blobs: Blobs;
  readonly #random: Random;
  readonly #speed: number;
  #last: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(world: World, process: SimProcess, evidence: Evidence, blobs: Blobs, random: Random) {
    this.#world = world;
    this.#blobs = blobs;
    this.#process = process;
    this.#evidence = evidence;
    this.#random = random;
    this.#speed = speedFrom(world.scenario, process.name);
  }

  run(assignment: Assignment, report: (report: Report) => void, signals: RunSignals): Promise<AssignmentEnd> {
    if (++this.#queued > assignmentLimit)
      this.#world.violated(`${this.#process.name} gave a slot ${this.#queued} assignments at a time.`);
    let begun = false;
    const run = this.#last.then(() => {
      begun = true;
      return this.#runAll(assignment, report, signals);
    });
    this.#last = run.catch(() => undefined);
    // What waits behind another is over as soon as it shall not start.
    const withdrawn = new Promise<AssignmentEnd>((resolve) => {
      const end = () => {
        if (!begun) resolve({ unstarted: from(0, offsetCount(assignment.offsets)), aborted: [] });
      };
      signals.drain.addEventListener("abort", end, { once: true });
      signals.signal.addEventListener("abort", end, { once: true });
    });
    return Promise.race([run, withdrawn]).finally(() => this.#queued--);
  }

  async close(): Promise<void> {
    // Nothing was opened.
  }

  async #runAll(
    assignment: Assignment,
    report: (report: Report) => void,
    { signal, drain }: RunSignals,
  ): Promise<AssignmentEnd> {
    const { offsets, inputs, submission } = assignment;
    const count = offsetCount(offsets);
    const texts = decoder.decode(inputs.lines).split("\n");
    if (inputs.count !== count || texts.length !== count + 1)
      this.#world.violated(`An assignment of ${count} tasks has ${inputs.count} inputs in ${texts.length - 1} lines.`);
    const blobs = await this.#blobs.of(inputs);
    const rich = new Set(inputs.rich);
    const ready = new Lines(report);
    const aborted: number[] = [];
    const { concurrency } = submission.options;
    let next = 0;
    // A slot that dies takes with it what runs beside: only one that runs nothing does so here.
    const dies = () =>
      concurrency === 1 && next > 0 && this.#world.faulty && this.#random.chance(this.#world.scenario.mix.slotDeaths);
    const lane = async () => {
      while (next < count && !signal.aborted && !drain.aborted && !dies()) {
        const position = next++;
        const input = inputOf(texts[position] ?? "", rich.has(position), blobs);
        if (await this.#runOne(assignment, position, input, { report, ready, signal })) aborted.push(position);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return ready.end({ unstarted: from(next, count), aborted: aborted.sort((a, b) => a - b) });
  }

  /** true: it was stopped before its time. */
  async #runOne(
    assignment: Assignment,
    position: number,
    input: number,
    { report, ready, signal }: Outlets,
  ): Promise<boolean> {
    const { options } = assignment.submission;
    const attempt = assignment.attempts?.[position] ?? 1;
    const plan = taskPlan(this.#world.scenario, input);
    const overdue = options.timeout !== undefined && plan.ms > options.timeout;
    this.#world.note(this.#process.name, `runs task ${input}, attempt ${attempt}`);
    const { offsets, task } = assignment;
    this.#world.conduct.started(this.#process, task, task + offsetAt(offsets, position));
    if (plan.prints > 0) report({ kind: "log", position, channel: 1, bytes: new Uint8Array(plan.prints) });
    const worked = this.#world.timesheet.began(this.#process);
    const stopped = await this.#wait(overdue ? (options.timeout ?? 0) : plan.ms / this.#speed, signal, options.grace);
    worked();
    if (stopped) return true;
    if (!overdue && this.#dies(plan, input, attempt)) return new Promise(() => undefined);
    if (plan.prints > 0) report({ kind: "log", position, channel: 2, bytes: new Uint8Array(10) });
    const starved = (plan.hunger?.wants ?? 0) > this.#process.memory;
    const fault = this.#world.timeline.now < plan.mended ? faultOf(plan, attempt, options.timeout) : undefined;
    const blame = starved ? "oom" : fault;
    const failed = overdue || blame !== undefined;
    const seconds = Math.round(plan.ms * 1000) / 1e6;
    this.#evidence.add(input, {
      process: this.#process,
      attempt,
      how: failed ? "failed" : "succeeded",
      printed: plan.prints > 0 ? plan.prints + 20 : 0,
    });
    if (failed) {
      ready.flush();
      const error = { name: "Error", message: overdue ? "too long" : `no ${attempt}` };
      report({ kind: "failed", position, error, blame: overdue ? "timeout" : (blame ?? "user"), seconds });
    } else if (plan.kind === "large" || plan.kind === "huge") {
      ready.flush();
      const json = plan.kind === "huge" ? padded(input, hugeSize) : String(valueOf(input));
      report({ kind: "large", position, parts: blobParts({ json, meta: undefined, attachments: undefined }), seconds });
    } else {
      ready.add(position, this.#line(assignment, position, { kind: plan.kind, input, attempt, seconds }), seconds);
      if (this.#random.chance(0.5)) ready.flush();
    }
    return false;
  }

  #line(
    { offsets, index, task }: Assignment,
    position: number,
    { kind, input, attempt, seconds }: { kind: TaskPlan["kind"]; input: number; attempt: number; seconds: number },
  ): string {
    const offset = offsetAt(offsets, position);
    const value =
      kind === "empty" ? "" : `,"value":${kind === "bulky" ? padded(input, bulkySize) : String(valueOf(input))}`;
    return `{"index":${index + offset},"task":${task + offset},"status":"succeeded"${value},"attempts":${attempt},"seconds":${seconds}}\n`;
  }

  #dies(plan: TaskPlan, input: number, attempt: number): boolean {
    const before = this.#evidence.of(input).some(({ how }) => how === "died");
    const starves = plan.hunger?.kills === true && plan.hunger.wants > this.#process.memory;
    if (!starves && plan.kind !== "poison" && (plan.kind !== "shaky" || before)) return false;
    this.#evidence.add(input, { process: this.#process, attempt, how: "died", printed: 0 });
    this.#world.note(this.#process.name, `dies of task ${input}`);
    this.#process.die(starves || deathOf(input) === "oom" ? "oom" : "error");
    return true;
  }

  /** true: it was stopped before its time. */
  #wait(ms: number, signal: AbortSignal, grace: number): Promise<boolean> {
    if (!this.#process.alive) return new Promise(() => undefined);
    return new Promise((resolve) => {
      const end = (stopped: boolean) => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        resolve(stopped);
      };
      // Some end by themselves when they are asked to, others when their time is up.
      const onAbort = () => void this.#process.after(this.#random.next() * grace, () => end(true));
      const cancel = this.#process.after(ms, () => end(false));
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}

interface Outlets {
  readonly report: (report: Report) => void;
  readonly ready: Lines;
  readonly signal: AbortSignal;
}

/** Bytes of values that fill a commit after a few of them, and of such that go to a blob. */
const bulkySize = 700_000;
const hugeSize = 5_000_000;

function padded(input: number, size: number): string {
  return `"${String(valueOf(input)).padEnd(size, " ")}"`;
}

/** Successes in a row that are reported together. */
class Lines {
  readonly #report: (report: Report) => void;
  #first = 0;
  #texts: string[] = [];
  #seconds = 0;

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  add(position: number, line: string, seconds: number): void {
    if (this.#texts.length > 0 && position !== this.#first + this.#texts.length) this.flush();
    if (this.#texts.length === 0) this.#first = position;
    this.#texts.push(line);
    this.#seconds += seconds;
  }

  flush(): void {
    if (this.#texts.length === 0) return;
    this.#report({
      kind: "lines",
      position: this.#first,
      count: this.#texts.length,
      bytes: encoder.encode(this.#texts.join("")),
      seconds: this.#seconds,
    });
    this.#texts = [];
    this.#seconds = 0;
  }

  end(end: AssignmentEnd): AssignmentEnd {
    this.flush();
    return end;
  }
}

function from(position: number, count: number): number[] {
  return Array.from({ length: count - position }, (_, n) => position + n);
}

/** As many as a slot of a real worker takes. */
const assignmentLimit = 8;

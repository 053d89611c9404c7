import { blobParts } from "../../packages/core/src/serializer/index.ts";
import type { Submission } from "../../packages/core/src/protocol/index.ts";
import { offsetAt, offsetCount } from "../../packages/worker/src/slot.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slot, Slots } from "../../packages/worker/src/slot.ts";
import type { Evidence } from "./evidence.ts";
import type { SimProcess } from "./process.ts";
import type { Random } from "./random.ts";
import { taskPlan, valueOf } from "./tasks.ts";
import type { TaskPlan } from "./tasks.ts";
import type { World } from "./world.ts";

/** Slots of a simulated worker: its tasks take virtual time, fail, print, and end their process. */
export class SimSlots implements Slots {
  readonly count: number;
  readonly #slots: Slot[];

  constructor(world: World, process: SimProcess, evidence: Evidence) {
    this.count = world.scenario.slots;
    this.#slots = Array.from(
      { length: this.count },
      (_, n) => new SimSlot(world, process, evidence, world.random.fork(`slot ${n} of ${process.name}`)),
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
  readonly #random: Random;
  #last: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(world: World, process: SimProcess, evidence: Evidence, random: Random) {
    this.#world = world;
    this.#process = process;
    this.#evidence = evidence;
    this.#random = random;
  }

  run(assignment: Assignment, report: (report: Report) => void, signals: RunSignals): Promise<AssignmentEnd> {
    if (++this.#queued > 2)
      this.#world.violated(`${this.#process.name} gave a slot ${this.#queued} assignments at a time.`);
    const run = this.#last.then(() => this.#runAll(assignment, report, signals)).finally(() => this.#queued--);
    this.#last = run.catch(() => undefined);
    return run;
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
    const ready = new Lines(report);
    for (let position = 0; position < count; position++) {
      if (signal.aborted || drain.aborted) return ready.end({ unstarted: from(position, count), aborted: [] });
      if (position > 0 && this.#world.faulty && this.#random.chance(this.#world.scenario.mix.slotDeaths))
        return ready.end({ unstarted: from(position, count), aborted: [] });
      const input = Number(texts[position]);
      const attempt = assignment.attempts?.[position] ?? 1;
      const plan = taskPlan(this.#world.scenario, input);
      this.#world.note(this.#process.name, `runs task ${input}, attempt ${attempt}`);
      if (plan.prints > 0) report({ kind: "log", position, channel: 1, bytes: new Uint8Array(plan.prints) });
      const stopped = await this.#wait(plan.ms, signal, submission.options.grace);
      if (stopped) return ready.end({ unstarted: from(position + 1, count), aborted: [position] });
      if (this.#dies(plan, input, attempt)) return new Promise(() => undefined);
      if (plan.prints > 0) report({ kind: "log", position, channel: 2, bytes: new Uint8Array(10) });
      const failed = attempt <= plan.failures;
      const seconds = Math.round(plan.ms * 1000) / 1e6;
      this.#evidence.add(input, {
        process: this.#process,
        attempt,
        how: failed ? "failed" : "succeeded",
        printed: plan.prints > 0 ? plan.prints + 20 : 0,
      });
      if (failed) {
        ready.flush();
        report({
          kind: "failed",
          position,
          error: { name: "Error", message: `no ${attempt}` },
          blame: "user",
          seconds,
        });
      } else if (plan.kind === "large") {
        ready.flush();
        report({
          kind: "large",
          position,
          parts: blobParts({ json: String(valueOf(input)), meta: undefined, attachments: undefined }),
          seconds,
        });
      } else {
        const offset = offsetAt(offsets, position);
        const value =
          plan.kind === "bulky" ? `"${String(valueOf(input)).padEnd(700_000, " ")}"` : String(valueOf(input));
        ready.add(
          position,
          `{"index":${assignment.index + offset},"task":${assignment.task + offset},"status":"succeeded","value":${value},"attempts":${attempt},"seconds":${seconds}}\n`,
        );
        if (this.#random.chance(0.5)) ready.flush();
      }
    }
    return ready.end({ unstarted: [], aborted: [] });
  }

  #dies(plan: TaskPlan, input: number, attempt: number): boolean {
    const before = this.#evidence.of(input).some(({ how }) => how === "died");
    if (plan.kind !== "poison" && (plan.kind !== "shaky" || before)) return false;
    this.#evidence.add(input, { process: this.#process, attempt, how: "died", printed: 0 });
    this.#world.note(this.#process.name, `dies of task ${input}`);
    this.#process.die(input % 3 === 0 ? "oom" : "error");
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

/** Successes in a row that are reported together. */
class Lines {
  readonly #report: (report: Report) => void;
  #first = 0;
  #texts: string[] = [];

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  add(position: number, line: string): void {
    if (this.#texts.length > 0 && position !== this.#first + this.#texts.length) this.flush();
    if (this.#texts.length === 0) this.#first = position;
    this.#texts.push(line);
  }

  flush(): void {
    if (this.#texts.length === 0) return;
    this.#report({
      kind: "lines",
      position: this.#first,
      count: this.#texts.length,
      bytes: encoder.encode(this.#texts.join("")),
    });
    this.#texts = [];
  }

  end(end: AssignmentEnd): AssignmentEnd {
    this.flush();
    return end;
  }
}

function from(position: number, count: number): number[] {
  return Array.from({ length: count - position }, (_, n) => position + n);
}

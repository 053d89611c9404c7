import type { Facts, Runtime, SessionKeys, Submission } from "@skyburst/core/protocol";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slot, Slots } from "@skyburst/worker";

export interface WaitingSlotsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  /** What each task takes. */
  readonly milliseconds: number;
}

/** One slot, whose tasks do nothing but take their time, and whose values are their inputs. */
export class WaitingSlots implements Slots {
  readonly count = 1;
  readonly #options: WaitingSlotsOptions;
  readonly #slot: Slot;
  readonly #fetched = new Set<string>();

  constructor(options: WaitingSlotsOptions) {
    this.#options = options;
    this.#slot = new WaitingSlot(options);
  }

  /** A worker fetches the task's program once: that request is part of what a worker costs. */
  prepare({ task }: Submission): void {
    const { facts, keys } = this.#options;
    if (task.kind !== "function" || this.#fetched.has(task.sha256)) return;
    this.#fetched.add(task.sha256);
    void facts.get(keys.program(task.sha256)).catch(() => this.#fetched.delete(task.sha256));
  }

  slot(): Slot {
    return this.#slot;
  }

  close(): Promise<void> {
    return this.#slot.close();
  }
}

class WaitingSlot implements Slot {
  readonly #options: WaitingSlotsOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: WaitingSlotsOptions) {
    this.#options = options;
  }

  run(assignment: Assignment, report: (report: Report) => void, signals: RunSignals): Promise<AssignmentEnd> {
    const run = this.#last.then(() => this.#runAll(assignment, report, signals));
    this.#last = run;
    return run;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #runAll(
    { offsets, inputs, index, task }: Assignment,
    report: (report: Report) => void,
    { signal, drain }: RunSignals,
  ): Promise<AssignmentEnd> {
    const { runtime, milliseconds } = this.#options;
    const { lines, count } = inputs;
    const values = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString().split("\n");
    for (let position = 0; position < count; position++) {
      if (signal.aborted || drain.aborted) return { unstarted: from(position, count), aborted: [] };
      if (milliseconds > 0) await runtime.sleep(milliseconds, signal);
      if (signal.aborted) return { unstarted: from(position + 1, count), aborted: [position] };
      const offset = "count" in offsets ? offsets.first + position : (offsets[position] ?? 0);
      const said = { index: index + offset, task: task + offset, status: "succeeded" };
      const text = `${JSON.stringify(said).slice(0, -1)},"value":${values[position]},"attempts":1,"seconds":${milliseconds / 1000}}\n`;
      report({ kind: "lines", position, count: 1, bytes: Buffer.from(text), seconds: milliseconds / 1000 });
    }
    return { unstarted: [], aborted: [] };
  }
}

function from(position: number, count: number): number[] {
  return Array.from({ length: count - position }, (_, n) => position + n);
}

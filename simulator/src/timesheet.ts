import type { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** What one worker did with its time; virtual milliseconds. */
export interface WorkerTime {
  readonly name: string;
  readonly launchedAt: number;
  /** From the launch until its program ran. */
  readonly boot: number;
  /** Beginnings and ends of its tasks; undefined: it never ran any. */
  firstAt?: number;
  lastAt?: number;
  /** Sum of what its tasks took. */
  busy: number;
  endedAt?: number;
}

/** Keeps count of what workers do, second for second. Nobody under test sees it. */
export class Timesheet {
  readonly #timeline: Timeline;
  readonly #workers = new Map<SimProcess, WorkerTime>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get workers(): readonly WorkerTime[] {
    return [...this.#workers.values()];
  }

  launched(process: SimProcess, boot: number): void {
    const worker: WorkerTime = { name: process.name, launchedAt: this.#timeline.now, boot, busy: 0 };
    this.#workers.set(process, worker);
    process.onDeath(() => {
      worker.endedAt = this.#timeline.now;
    });
  }

  /** A task begins. Call what it returns when it ends. */
  began(process: SimProcess): () => void {
    const worker = this.#workers.get(process);
    const from = this.#timeline.now;
    return () => {
      if (!worker) return;
      worker.firstAt ??= from;
      worker.lastAt = this.#timeline.now;
      worker.busy += this.#timeline.now - from;
    };
  }
}

import type { ChildProcess } from "node:child_process";
import type { WorkerExit, WorkerStatus } from "@skyburst/core";
import { exitOf, OutOfMemoryKills } from "./exit.ts";
import type { Label } from "./label.ts";
import type { Output } from "./output.ts";

/** Exits that are remembered, so that a backend which lives for months doesn't grow. */
const MOST_EXITS = 1000;

/** A worker that this process launched: the only kind whose exit code can be known. */
export interface Child {
  readonly id: string;
  readonly pid: number;
  readonly label: Label;
  /** We asked it to end. */
  stopped: boolean;
  exit: WorkerExit | undefined;
  stoppedAt: number | undefined;
}

/** Running → exited, for each worker that this process launched. Exits are noticed as the kernel reports them. */
export class Children {
  readonly #all = new Map<string, Child>();
  readonly #listeners = new Set<() => void>();
  readonly #output: Output;
  readonly #onCrash: (id: string) => void;
  #kills: OutOfMemoryKills | undefined;
  #living = 0;
  #version = 0;

  /** `onCrash`: a worker ended in a way that may have left commands behind. */
  constructor(output: Output, onCrash: (id: string) => void) {
    this.#output = output;
    this.#onCrash = onCrash;
  }

  get living(): number {
    return this.#living;
  }

  /** Grows with every worker that is added or ends. */
  get version(): number {
    return this.#version;
  }

  add(id: string, label: Label, pid: number, process: ChildProcess): void {
    const child: Child = { id, pid, label, stopped: false, exit: undefined, stoppedAt: undefined };
    this.#all.set(id, child);
    this.#living += 1;
    process.once("exit", (code, signal) => this.#ended(child, code, signal));
  }

  /** Tells of what was added, and counts from now on what the kernel kills. Not before: workers start first. */
  added(): void {
    this.#kills ??= new OutOfMemoryKills();
    this.#tell();
  }

  get(id: string): Child | undefined {
    return this.#all.get(id);
  }

  of(sessionId: string): readonly WorkerStatus[] {
    return [...this.#all.values()].filter(({ label }) => label.sessionId === sessionId).map(statusOf);
  }

  /** Resolves when a worker was added or ended, at the latest after so many milliseconds, or when `signal` aborts. */
  changed(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#listeners.add(done);
      signal?.addEventListener("abort", done, { once: true });
      if (signal?.aborted) done();
    });
  }

  #ended(child: Child, code: number | null, signal: NodeJS.Signals | null): void {
    child.stoppedAt = Date.now();
    child.exit = exitOf({
      code,
      signal,
      stopped: child.stopped,
      output: () => this.#output.tail(child.id),
      outOfMemory: () => this.#kills?.take() ?? false,
    });
    this.#living -= 1;
    this.#forgetOldest();
    this.#tell();
    if (code === 0) this.#output.discardIfEmpty(child.id);
    else this.#onCrash(child.id);
  }

  #forgetOldest(): void {
    if (this.#all.size - this.#living <= MOST_EXITS) return;
    for (const [id, { exit }] of this.#all) {
      if (exit === undefined) continue;
      this.#all.delete(id);
      return;
    }
  }

  #tell(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

function statusOf({ id, label, exit, stoppedAt }: Child): WorkerStatus {
  const { launch, slot, startedAt } = label;
  return { id, launch, slot, startedAt, ...(exit ? { state: "exited", exit, stoppedAt } : { state: "running" }) };
}

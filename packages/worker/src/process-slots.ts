import { setMaxListeners } from "node:events";
import type { Facts, SessionKeys, Spares, Submission } from "@skyburst/core/protocol";
import { Blobs } from "./blobs.ts";
import { commandSlot } from "./command/index.ts";
import { commandTaskSlot } from "./command-slot.ts";
import { functionSlot } from "./function-slot.ts";
import type { FunctionSlot } from "./function-slot.ts";
import { MemoryKills } from "./memory/memory-kills.ts";
import { PrivateFiles } from "./private-files.ts";
import { Programs } from "./programs.ts";
import type { Mask } from "./secrets/mask.ts";
import type { Assignment, Slot, Slots } from "./slot.ts";
import { threadSlot } from "./thread/slot.ts";

export interface ProcessSlotsOptions {
  readonly count: number;
  readonly facts: Facts;
  readonly keys: SessionKeys;
  /** Memory of results that are stored. */
  readonly spares: Spares;
  /** Source of what a thread is started with. */
  readonly thread: string;
  /** By which commands that outlive the worker are found. */
  readonly label: string;
  /** Nobody else starts processes where this worker is. */
  readonly alone: boolean;
  /** What must not be seen in this process's own output. Default: nothing. */
  readonly mask?: Mask | undefined;
}

/** Slots of a real worker: each with a thread for functions and a shell for commands, started when first needed. */
export class ProcessSlots implements Slots {
  readonly count: number;
  readonly #options: ProcessSlotsOptions;
  readonly #files = new PrivateFiles();
  readonly #programs: Programs;
  readonly #blobs: Blobs;
  readonly #functions: (FunctionSlot | undefined)[] = [];
  readonly #commands: (Slot | undefined)[] = [];
  #memoryKills: MemoryKills | undefined;
  /** Programs that a slot has, or will have when what is before them is loaded. */
  readonly #prepared = new Set<string>();
  readonly #preparing: (Promise<unknown> | undefined)[] = [];

  constructor(options: ProcessSlotsOptions) {
    this.#options = options;
    this.count = options.count;
    this.#programs = new Programs(options.facts, options.keys, this.#files);
    this.#blobs = new Blobs(options.facts, options.keys);
  }

  /** Starts what the first tasks need before they come: a thread, or the shell that forks commands while this process is small. */
  warm(kind: "function" | "command"): void {
    if (kind === "command") this.#commandSlot(0);
    else this.#functionSlot(0);
  }

  starting(number: number): Promise<void> | undefined {
    return this.#functions[number]?.starting;
  }

  prepare(submission: Submission): void {
    const { task, tasks, ended } = submission;
    const count = ended ? Math.min(this.count, tasks) : this.count;
    for (let number = 0; number < count; number++) {
      // A thread that no task has needed yet is started when one does; a shell, while this process is small.
      if (task.kind === "function" && number > 0 && !this.#functions[number]) continue;
      const slot = this.slot(number, submission);
      if (task.kind !== "function" || this.#prepared.has(`${number}/${task.sha256}`)) continue;
      this.#prepared.add(`${number}/${task.sha256}`);
      // An assignment of nothing: the thread loads the program. What is wrong with it, each of its tasks will say. One at
      // a time: a slot takes few, and a session may have any number of programs.
      const before = this.#preparing[number] ?? Promise.resolve();
      this.#preparing[number] = before.then(() => slot.run(nothing(submission), ignore, never)).catch(ignore);
    }
  }

  slot(number: number, { task }: Submission): Slot {
    return task.kind === "function" ? this.#functionSlot(number) : this.#commandSlot(number);
  }

  async close(): Promise<void> {
    const all = [...this.#functions, ...this.#commands];
    await Promise.all(all.map(async (slot) => slot?.close()));
    await this.#files.close();
  }

  #functionSlot(number: number): FunctionSlot {
    const { thread, mask } = this.#options;
    const masked = mask?.stream();
    return (this.#functions[number] ??= functionSlot(
      threadSlot({
        source: thread,
        shared: (sha256) => this.#blobs.shared(sha256),
        spares: this.#options.spares,
        stray: (bytes) => void process.stderr.write(masked ? masked.next(bytes) : bytes),
      }),
      this.#programs,
      this.#blobs,
    ));
  }

  #commandSlot(number: number): Slot {
    const { label } = this.#options;
    const alone = this.#options.alone && this.count === 1;
    return (this.#commands[number] ??= commandTaskSlot(
      commandSlot({ label, number, alone }),
      this.#killed(),
      (sha256) => this.#stdinFile(sha256),
    ));
  }

  /** Counted from the first command on, and by all slots together: a kill is one command's. */
  #killed(): MemoryKills {
    return (this.#memoryKills ??= new MemoryKills());
  }

  async #stdinFile(sha256: string): Promise<string> {
    return this.#files.write(`stdin-${sha256}`, await this.#blobs.shared(sha256));
  }
}

const forever = new AbortController().signal;
// Every slot listens.
setMaxListeners(0, forever);
const never = { signal: forever, drain: forever };

function nothing(submission: Submission): Assignment {
  return {
    submission,
    index: 0,
    task: 0,
    offsets: { first: 0, count: 0 },
    inputs: { count: 0, rich: [], lines: new Uint8Array() },
  };
}

function ignore(): void {
  // Nothing was asked for.
}

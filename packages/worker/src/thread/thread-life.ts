import { Worker } from "node:worker_threads";
import { BoardReader } from "./board-reader.ts";
import { cell, createBoardMemory, openBoard, stopCell } from "./board.ts";
import type { Board } from "./board.ts";
import { sharedNow } from "./messages.ts";
import type { FromThread, Post, ThreadStart, ToThread } from "./messages.ts";
import type { Slice } from "./slice.ts";

export interface ThreadOptions {
  /** Source of a script that calls `runThread`. */
  readonly source: string;
  /** Megabytes of heap that a thread may use. Default: what Node gives it. */
  readonly memory?: number | undefined;
}

export interface ThreadEvents {
  readonly up: () => void;
  readonly post: (post: Post) => void;
  readonly share: (sha256: string) => void;
  readonly exit: (end: ThreadEnd) => void;
}

/** How a thread ended: `error` is what it died of, when it says so. */
export interface ThreadEnd {
  readonly code: number;
  readonly error: unknown;
}

/** One life of a slot's thread, and what can be seen of it from outside. */
export class ThreadLife {
  readonly reader: BoardReader;
  /** Why the slot itself ended it, if it did. */
  killedFor: "overdue" | "stop" | undefined;
  #warnings = 0;
  #killing: Promise<unknown> | undefined;
  readonly #board: Board;
  readonly #worker: Worker;
  /** What to add to the thread's clock; known once it is up. */
  #clock: number | undefined;
  #error: unknown;

  constructor({ source, memory }: ThreadOptions, events: ThreadEvents) {
    const board = createBoardMemory();
    this.#board = openBoard(board);
    this.reader = new BoardReader(this.#board);
    this.#worker = new Worker(source, {
      eval: true,
      workerData: { board } satisfies ThreadStart,
      ...(memory !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memory } }),
    });
    this.#worker.on("message", (message: unknown) => {
      if (!isOurs(message)) return;
      if (message.kind === "post") events.post(message.post);
      else if (message.kind === "share") events.share(message.sha256);
      else {
        this.#clock = message.clock;
        events.up();
      }
    });
    this.#worker.on("error", (error) => (this.#error = error));
    this.#worker.on("exit", (code) => events.exit({ code, error: this.#error }));
  }

  get up(): boolean {
    return this.#clock !== undefined;
  }

  /** Number of the slice that it is at. */
  get slice(): number {
    return this.#board.cells[cell.slice]!;
  }

  get loading(): boolean {
    return this.#board.cells[cell.loading] === 1;
  }

  /** It ended itself, and said what failed because of that. */
  get explained(): boolean {
    return this.#board.cells[cell.explained] === 1;
  }

  /** Whether its event loop has seen the warning: one that is blocked never will. */
  heard(warning: number): boolean {
    return this.#board.cells[cell.heard]! >= warning;
  }

  /** The positions that run now, and for how many milliseconds. */
  running(slice: Slice): { readonly position: number; readonly ms: number }[] {
    const now = sharedNow() - (this.#clock ?? 0);
    const lanes = this.#board.positions.subarray(0, Math.min(slice.concurrency ?? 1, slice.count));
    return Array.from(lanes, (position, lane) => ({ position, ms: now - this.#board.since[lane]! })).filter(
      ({ position }) => position >= 0,
    );
  }

  /** @param spares Memory of earlier results that the thread may use again. */
  run(number: number, slice: Slice, spares: readonly ArrayBuffer[] = []): void {
    const { inputs } = slice;
    // A copy: if this thread is lost before it begins, the next one needs the inputs as well.
    const own = inputs.buffer instanceof SharedArrayBuffer ? inputs : new Uint8Array(inputs);
    this.#send(
      { kind: "run", number, slice: { ...slice, inputs: own }, spares },
      own === inputs ? [...spares] : [...spares, own.buffer as ArrayBuffer],
    );
  }

  /** The slice shall start nothing more; the thread sees it before its next task, whether its event loop turns or not. */
  stop(number: number): void {
    Atomics.store(this.#board.cells, stopCell(number), number);
  }

  /** So many bytes of its logs are with whoever keeps them: a thread that waits for that goes on. */
  took(bytes: number): void {
    Atomics.add(this.#board.cells, cell.taken, bytes);
    Atomics.notify(this.#board.cells, cell.taken);
  }

  abort(number: number): void {
    this.#send({ kind: "abort", number });
  }

  /** Tells a task that its time is over. Returns what {@link heard} is asked with. */
  warn(number: number, position: number): number {
    this.#send({ kind: "overdue", number, position, warning: ++this.#warnings });
    return this.#warnings;
  }

  share(sha256: string, bytes: Uint8Array | undefined, problem = ""): void {
    this.#send({ kind: "shared", sha256, bytes, problem });
  }

  /** Ends it wherever it is; `exit` follows. */
  async kill(because: "overdue" | "stop"): Promise<void> {
    this.killedFor ??= because;
    this.#killing ??= this.#worker.terminate();
    await this.#killing;
  }

  #send(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** A task can post what it likes to the thread's parent, and some libraries do. */
function isOurs(message: unknown): message is FromThread {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  return message.kind === "post" || message.kind === "share" || message.kind === "ready";
}

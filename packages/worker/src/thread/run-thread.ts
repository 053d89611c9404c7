import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { Spares } from "@skyburst/core/protocol";
import { decodeBlob } from "@skyburst/core/serializer";
import { cell, openBoard } from "./board.ts";
import { describeError } from "./describe-error.ts";
import { programLoader } from "./load-program.ts";
import { nobody } from "./log-records.ts";
import { sharedNow } from "./messages.ts";
import type { FromThread, ThreadStart, ToThread } from "./messages.ts";
import { now } from "./now.ts";
import { Outbox } from "./outbox.ts";
import { Prints } from "./prints.ts";
import { SliceRun } from "./run-slice.ts";
import type { ThreadParts } from "./run-slice.ts";
import { serializer, useSerializer } from "./serializer.ts";
import { SharedValues } from "./shared-values.ts";
import { useVariables } from "./variables.ts";

/** What the thread of a slot does, from its start on: runs the slices that it is sent, in order. */
export function runThread(): void {
  if (parentPort === null) throw new Error("This is a thread of a worker; it cannot be started as a program.");
  new ExecutorThread(parentPort, workerData as ThreadStart).start();
}

class ExecutorThread {
  readonly #port: MessagePort;
  readonly #parts: ThreadParts;
  readonly #load = programLoader();
  readonly #spares = new Spares();
  readonly #queue: Extract<ToThread, { kind: "run" }>[] = [];
  #running: SliceRun | undefined;
  #busy = false;

  constructor(port: MessagePort, start: ThreadStart) {
    this.#port = port;
    const board = openBoard(start.board);
    const outbox = new Outbox(board, this.#spares, (post, transfer) =>
      port.postMessage({ kind: "post", post } satisfies FromThread, transfer),
    );
    const values = new SharedValues(
      (sha256) => this.#send({ kind: "share", sha256 }),
      (bytes) => decodeBlob(bytes, serializer),
    );
    this.#parts = { board, outbox, values, prints: new Prints(outbox) };
  }

  start(): void {
    this.#guard();
    this.#port.on("message", (message: ToThread) => this.#receive(message));
    this.#send({ kind: "ready", clock: sharedNow() - now() });
  }

  #receive(message: ToThread): void {
    switch (message.kind) {
      case "run":
        this.#queue.push(message);
        for (const memory of message.spares) this.#spares.give(memory);
        if (!this.#busy) void this.#work();
        break;
      case "abort":
        if (this.#running?.number === message.number) this.#running.abort();
        break;
      case "overdue":
        if (this.#running?.number === message.number) this.#running.overdue(message.position);
        this.#parts.board.cells[cell.heard] = message.warning;
        break;
      case "shared":
        this.#parts.values.settle(message.sha256, message.bytes, message.problem);
        break;
    }
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#runSlice(next);
    this.#busy = false;
  }

  async #runSlice({ number, slice }: Extract<ToThread, { kind: "run" }>): Promise<void> {
    const { outbox, board } = this.#parts;
    outbox.begin(number);
    try {
      useVariables(slice.program.env);
      board.cells[cell.loading] = 1;
      const program = await this.#load(slice.program);
      useSerializer(program.serializer);
      board.cells[cell.loading] = 0;
      this.#running = new SliceRun(number, slice, program.task, this.#parts);
      await this.#running.run();
      outbox.flush({ end: { aborted: this.#running.aborted } });
    } catch (error) {
      // Nothing but the program gets here: what a task throws is its outcome.
      board.cells[cell.loading] = 0;
      outbox.flush({ unloadable: describeError(error), end: { aborted: [] } });
    }
    this.#running = undefined;
  }

  /** What ends a thread is told before it does, with the stack of whoever did it. */
  #guard(): void {
    process.on("uncaughtException", (error) => {
      if (this.#blame(error)) exit(1);
    });
    const exit = process.exit.bind(process);
    process.exit = (code) => {
      const shown = code ?? process.exitCode ?? 0;
      this.#blame(
        new Error(`The task ended its thread with process.exit(${shown}): return a result or throw an error instead.`),
      );
      return exit(code);
    };
  }

  /** Whether the error ends something. If not, it is a leftover of a task that has ended, and is only told. */
  #blame(error: unknown): boolean {
    const { board, outbox, prints } = this.#parts;
    const running = this.#running;
    if (board.cells[cell.loading] === 1) {
      outbox.flush({ unloadable: describeError(error), end: { aborted: [] } });
    } else if (running === undefined || running.running.length === 0) {
      outbox.log(nobody, 2, Buffer.from(`After its task had ended: ${describeError(error).stack ?? String(error)}\n`));
      outbox.flush();
      return false;
    } else {
      // With several tasks in flight it is not always known whose it is; then none of them may count on this thread.
      const culprits = prints.current === undefined ? running.running : [prints.current];
      for (const lane of culprits) running.fail(lane, error);
    }
    board.cells[cell.explained] = 1;
    return true;
  }

  #send(message: FromThread): void {
    this.#port.postMessage(message);
  }
}

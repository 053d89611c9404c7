import { AsyncLocalStorage } from "node:async_hooks";
import type { LogChannel } from "@skyburst/core/protocol";
import type { Lane } from "./lane.ts";
import { nobody } from "./log-records.ts";
import type { Outbox } from "./outbox.ts";

/**
 * What is printed in this thread, and by which task. With one lane it is the task that runs; with several each lane is
 * an asynchronous context. What nobody printed goes to the worker's own stderr.
 */
export class Prints {
  readonly #outbox: Outbox;
  #only: Lane | undefined;
  #lanes: AsyncLocalStorage<Lane> | undefined;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
    divert(process.stdout, (bytes) => this.print(this.current, 1, bytes));
    divert(process.stderr, (bytes) => this.print(this.current, 2, bytes));
  }

  /** The lane whose task is running, as far as can be told. */
  get current(): Lane | undefined {
    const lane = this.#only ?? this.#lanes?.getStore();
    return lane === undefined || lane.position < 0 ? undefined : lane;
  }

  /** Runs all lanes of a slice, each under its own name. */
  async attribute(lanes: readonly Lane[], run: (lane: Lane) => Promise<void>): Promise<void> {
    const [only] = lanes;
    if (only === undefined || lanes.length > 1) {
      const storage = (this.#lanes ??= new AsyncLocalStorage<Lane>());
      await Promise.all(lanes.map((lane) => storage.run(lane, run, lane)));
      return;
    }
    this.#only = only;
    try {
      await run(only);
    } finally {
      this.#only = undefined;
    }
  }

  print(lane: Lane | undefined, channel: LogChannel, bytes: Uint8Array): void {
    if (lane === undefined) {
      this.#outbox.log(nobody, 2, bytes);
      this.#outbox.waiting();
      return;
    }
    this.#outbox.log(lane.position, channel, bytes);
  }
}

/** Takes over what is written to a stream of the process, synchronously: a thread's own streams lose it when it is killed. */
function divert(stream: NodeJS.WriteStream, take: (bytes: Uint8Array) => void): void {
  type Written = (error?: Error | null) => void;
  const write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Written, written?: Written): boolean => {
    take(typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk);
    const done = typeof encoding === "function" ? encoding : written;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = write;
}

import { readSync } from "node:fs";
import type { Readable } from "node:stream";

type Deliver = (bytes: Buffer) => void | Promise<void>;

/** One pipe of output. Whoever runs a command attaches to it; what comes while nobody is attached is dropped. */
export class Channel {
  readonly #stream: Readable;
  readonly #waiting: Buffer[] = [];
  #deliver: Deliver | undefined;
  #blocked: Promise<void> | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (bytes: Buffer) => this.#take(bytes));
    // A pipe that fails has ended: the loss shows where the process is watched.
    stream.on("error", () => stream.destroy());
  }

  attach(deliver: Deliver): void {
    this.#deliver = deliver;
  }

  /** Resolves when everything read so far is delivered, and detaches. Rejects with what the receiver rejected with. */
  async finish(): Promise<void> {
    await this.#blocked;
    this.#deliver = undefined;
  }

  /** Delivers what lies in the pipe at this moment, without waiting for the event loop to come to it. `fd` must not block. */
  drain(fd: number): void {
    for (let bytes: unknown = this.#stream.read(); Buffer.isBuffer(bytes); bytes = this.#stream.read())
      this.#take(bytes);
    for (let left = MOST_AT_ONCE; left > 0;) {
      const bytes = readNow(fd);
      if (bytes === undefined) return;
      left -= bytes.length;
      this.#take(bytes);
    }
  }

  /** Drops from now on what the command's children still write, so that they don't fail, and lets the process end meanwhile. */
  discard(): void {
    this.#deliver = undefined;
    this.#waiting.length = 0;
    this.#stream.resume();
    if ("unref" in this.#stream && typeof this.#stream.unref === "function") this.#stream.unref();
  }

  destroy(): void {
    this.#deliver = undefined;
    this.#waiting.length = 0;
    this.#stream.destroy();
  }

  #take(bytes: Buffer): void {
    if (bytes.length === 0 || this.#deliver === undefined) return;
    if (this.#blocked !== undefined) {
      this.#waiting.push(bytes);
      return;
    }
    const delivered = this.#deliver(bytes);
    if (delivered !== undefined) this.#block(delivered);
  }

  #block(delivered: Promise<void>): void {
    this.#stream.pause();
    this.#blocked = this.#unblock(delivered);
    // `finish` hears of a failure; until then it is not unhandled.
    this.#blocked.catch(() => undefined);
  }

  async #unblock(delivered: Promise<void>): Promise<void> {
    await delivered;
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift())
      await this.#deliver?.(bytes);
    this.#blocked = undefined;
    this.#stream.resume();
  }
}

function readNow(fd: number): Buffer | undefined {
  try {
    const length = readSync(fd, SCRATCH);
    return length === 0 ? undefined : Buffer.from(SCRATCH.subarray(0, length));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw error;
  }
}

/** What a pipe holds on Linux; macOS holds as much or less. */
const SCRATCH = Buffer.allocUnsafeSlow(65_536);
/** A child that was left in the background may write faster than we read. */
const MOST_AT_ONCE = 1_048_576;

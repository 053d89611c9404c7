import { readSync } from "node:fs";
import type { Readable } from "node:stream";

type Deliver = (bytes: Buffer) => void | Promise<void>;

/** What a channel asks of its pipe; it calls `take` for the bytes. */
export interface Source {
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
  unref?(): unknown;
}

/** A channel that reads a child's stream. */
export function streamChannel(stream: Readable): Channel {
  const channel = new Channel(stream);
  stream.on("data", (bytes: Buffer) => channel.take(bytes));
  // A pipe that fails has ended: the loss shows where the process is watched.
  stream.on("error", () => stream.destroy());
  return channel;
}

/** One pipe of output. Whoever runs a command attaches to it; what comes while nobody is attached is dropped. */
export class Channel {
  readonly #source: Source;
  readonly #waiting: Buffer[] = [];
  #deliver: Deliver | undefined;
  #blocked: Promise<void> | undefined;

  constructor(source: Source) {
    this.#source = source;
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
    for (let left = MOST_AT_ONCE; left > 0;) {
      const bytes = readNow(fd);
      if (bytes === undefined) return;
      left -= bytes.length;
      this.take(bytes);
    }
  }

  /** Drops from now on what the command's children still write, so that they don't fail, and lets the process end meanwhile. */
  discard(): void {
    this.#deliver = undefined;
    this.#waiting.length = 0;
    this.#source.resume();
    this.#source.unref?.();
  }

  destroy(): void {
    this.#deliver = undefined;
    this.#waiting.length = 0;
    this.#source.destroy();
  }

  /** Takes bytes that it may keep. */
  take(bytes: Buffer): void {
    if (bytes.length === 0 || this.#deliver === undefined) return;
    if (this.#blocked !== undefined) {
      this.#waiting.push(bytes);
      return;
    }
    const delivered = this.#deliver(bytes);
    if (delivered !== undefined) this.#block(delivered);
  }

  #block(delivered: Promise<void>): void {
    this.#source.pause();
    this.#blocked = this.#unblock(delivered);
    // `finish` hears of a failure; until then it is not unhandled.
    this.#blocked.catch(() => undefined);
  }

  async #unblock(delivered: Promise<void>): Promise<void> {
    await delivered;
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift())
      await this.#deliver?.(bytes);
    this.#blocked = undefined;
    this.#source.resume();
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

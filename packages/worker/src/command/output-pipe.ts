import { closeSync, constants, openSync, readSync } from "node:fs";
import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";

type Deliver = (bytes: Buffer) => void | Promise<void>;

/**
 * The reading end of one command's stdout or stderr, used by one command after the other.
 *
 * It is looked into when the command has ended, which for most is all; while a command takes its time it is followed, by
 * events. Its writers are the command's processes only, so that the pipe tells whether one was left behind.
 */
export class OutputPipe {
  readonly #path: string;
  readonly #fd: number;
  readonly #waiting: Buffer[] = [];
  #socket: Socket | undefined;
  #writer: number | undefined;
  #deliver: Deliver | undefined;
  #blocked: Promise<void> | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  attach(deliver: Deliver): void {
    this.#deliver = deliver;
  }

  /** Delivers from now on as bytes come, no faster than they are taken. */
  follow(): void {
    if (this.#writer !== undefined || this.#closed) return;
    // Without a writer the pipe would be at its end before the command has opened it.
    this.#writer = openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#socket ??= this.#open();
    if (this.#blocked === undefined) this.#socket.resume();
  }

  /** Takes what is left when the command has ended. True: no process holds the pipe any more. */
  settle(): boolean {
    this.#unfollow();
    for (let left = MOST_AT_ONCE; left > 0;) {
      const bytes = readNow(this.#fd);
      if (bytes === undefined) return false;
      if (bytes.length === 0) return true;
      left -= bytes.length;
      this.#take(bytes);
    }
    return false;
  }

  /** Undefined when everything is delivered, else resolves when it is. */
  delivered(): Promise<void> | undefined {
    return this.#blocked;
  }

  /** Drops from now on what is written, so that whoever was left behind doesn't fail. */
  discard(): void {
    this.#unfollow();
    this.#deliver = undefined;
    this.#socket ??= this.#open();
    this.#socket.unref();
    this.#socket.resume();
  }

  close(): void {
    this.#unfollow();
    this.#deliver = undefined;
    if (this.#closed) return;
    this.#closed = true;
    // A socket closes what it was opened on.
    if (this.#socket === undefined) closeSync(this.#fd);
    else this.#socket.destroy();
  }

  #unfollow(): void {
    if (this.#writer === undefined) return;
    this.#socket?.pause();
    closeSync(this.#writer);
    this.#writer = undefined;
  }

  #open(): Socket {
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    const callback = (length: number) => {
      this.#take(Buffer.from(buffer.subarray(0, length)));
      return true;
    };
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: this.#fd,
      readable: true,
      writable: false,
      onread: { buffer, callback },
    };
    const socket = new Socket(options);
    socket.pause();
    // A pipe that fails has ended: the loss shows where the shell is watched.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => (this.#closed = true));
    return socket;
  }

  /** Takes bytes that it may keep. */
  #take(bytes: Buffer): void {
    if (this.#blocked !== undefined) {
      this.#waiting.push(bytes);
      return;
    }
    const delivered = this.#deliver?.(bytes);
    if (delivered === undefined) return;
    this.#socket?.pause();
    this.#blocked = this.#unblock(delivered);
  }

  async #unblock(delivered: Promise<void>): Promise<void> {
    await delivered;
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift())
      await this.#deliver?.(bytes);
    this.#blocked = undefined;
    if (this.#writer !== undefined) this.#socket?.resume();
  }
}

/** Undefined when nothing is there now, empty at the end. */
export function readNow(fd: number): Buffer | undefined {
  try {
    const length = readSync(fd, SCRATCH);
    return length === 0 ? EMPTY : Buffer.from(SCRATCH.subarray(0, length));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw error;
  }
}

/** What a pipe holds on Linux. */
const PIECE = 65_536;
const SCRATCH = Buffer.allocUnsafeSlow(PIECE);
const EMPTY = Buffer.alloc(0);
/** A child that was left in the background may write faster than we read. */
const MOST_AT_ONCE = 1_048_576;

import { closeSync, constants, openSync, readSync } from "node:fs";
import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";

type Deliver = (bytes: Buffer) => void | Promise<void>;

export interface Last {
  /** Bytes at the very end that are not the command's, but its shell's. */
  readonly without: number;
}

/**
 * The reading end of one command's stdout or stderr, used by one command after the other.
 *
 * It is looked into when the command has ended, which for most is all; while a command takes its time it is followed, by
 * events. Its writers are the command's processes only, so that the pipe tells whether one was left behind.
 */
export class OutputPipe {
  readonly #path: string;
  #fd: number | undefined;
  readonly #deliver: Deliver;
  readonly #waiting: Buffer[] = [];
  /** Reads for itself; one for each time that the pipe is followed. */
  #socket: Socket | undefined;
  #writer: number | undefined;
  #held: Buffer | undefined;
  #dropping = false;
  /** Bytes that were read without following. */
  #taken = 0;
  #blocked: Promise<void> | undefined;
  #closed = false;

  constructor(path: string, deliver: Deliver) {
    this.#path = path;
    this.#deliver = deliver;
  }

  /** To be called before a command is told to write into it. False: there are too many open files. */
  open(): boolean {
    try {
      this.#fd ??= openSync(this.#path, READING);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Delivers from now on as bytes come, no faster than they are taken. `hold`: the newest stay here till there are newer ones, or
   * the end has come.
   */
  follow(hold: boolean): void {
    if (this.#socket !== undefined || this.#closed) return;
    if (hold) this.#held ??= EMPTY;
    // Without a writer the pipe would be at its end before the command has opened it.
    this.#writer = openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#socket = this.#reader();
  }

  /** Delivers what lies in it at this moment: true if there is anything. `hold`: as in `follow`. */
  peek(hold: boolean): boolean {
    if (this.#socket !== undefined || this.#blocked !== undefined || this.#closed) return false;
    if (hold) this.#held ??= EMPTY;
    const before = this.#taken;
    this.#drain();
    return this.#taken > before;
  }

  /** Takes what is left when the command has ended. True: no process holds the pipe any more. */
  settle({ without }: Last = { without: 0 }): boolean {
    if (this.#closed) return true;
    this.#unfollow();
    if (without > 0) this.#held ??= EMPTY;
    const isFree = this.#drain();
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held.length > without) this.#hand(held.subarray(0, held.length - without));
    return isFree;
  }

  #drain(): boolean {
    if (this.#fd === undefined) return true;
    for (let left = MOST_AT_ONCE; left > 0;) {
      const bytes = readNow(this.#fd);
      if (bytes === undefined) return false;
      if (bytes.length === 0) return true;
      left -= bytes.length;
      this.#taken += bytes.length;
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
    if (this.#closed || this.#dropping || this.#fd === undefined) return;
    this.#unfollow();
    this.#dropping = true;
    this.#socket = this.#reader();
    this.#socket.unref();
  }

  close(): void {
    this.#unfollow();
    if (this.#closed) return;
    this.#closed = true;
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  #unfollow(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    if (this.#writer !== undefined) closeSync(this.#writer);
    this.#writer = undefined;
  }

  #reader(): Socket {
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    const callback = (length: number) => {
      this.#take(Buffer.from(buffer.subarray(0, length)));
      return true;
    };
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: openSync(this.#path, READING),
      readable: true,
      writable: false,
      onread: { buffer, callback },
    };
    const socket = new Socket(options);
    // A pipe that fails has ended: the loss shows where the shell is watched.
    socket.on("error", () => socket.destroy());
    return socket;
  }

  /** Takes bytes that it may keep. */
  #take(bytes: Buffer): void {
    if (this.#dropping) return;
    if (this.#held === undefined) {
      this.#hand(bytes);
      return;
    }
    const all = Buffer.concat([this.#held, bytes]);
    const keep = Math.min(all.length, LONGEST_NOTICE);
    this.#held = all.subarray(all.length - keep);
    if (all.length > keep) this.#hand(all.subarray(0, all.length - keep));
  }

  #hand(bytes: Buffer): void {
    if (this.#blocked !== undefined) {
      this.#waiting.push(bytes);
      this.#socket?.pause();
      return;
    }
    const delivered = this.#deliver(bytes);
    if (delivered === undefined) return;
    this.#socket?.pause();
    this.#blocked = this.#unblock(delivered);
  }

  async #unblock(delivered: Promise<void>): Promise<void> {
    await delivered;
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift())
      await this.#deliver(bytes);
    this.#blocked = undefined;
    this.#socket?.resume();
  }
}

/** Undefined when nothing is there now, empty at the end. */
function readNow(fd: number): Buffer | undefined {
  try {
    const length = readSync(fd, SCRATCH);
    return length === 0 ? EMPTY : Buffer.from(SCRATCH.subarray(0, length));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw error;
  }
}

const READING = constants.O_RDONLY | constants.O_NONBLOCK;
/** What a pipe holds on Linux. */
const PIECE = 65_536;
const SCRATCH = Buffer.allocUnsafeSlow(PIECE);
const EMPTY = Buffer.alloc(0);
/** `Floating point exception (core dumped)` and the like, in any words. */
const LONGEST_NOTICE = 64;
/** A child that was left in the background may write faster than we read. */
const MOST_AT_ONCE = 1_048_576;

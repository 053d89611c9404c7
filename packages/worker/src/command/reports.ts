import { constants, openSync, readSync } from "node:fs";
import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";

/** What a queue shell says: a line for each that it was sent. It is listened to, or looked into. */
export class Reports {
  /** Calls back whenever there are lines to take, until it is asked to pause. */
  onLine: () => void = () => undefined;
  readonly #fd: number;
  readonly #socket: Socket;
  #unread = "";
  #bytes = 0;
  #closed = false;

  constructor(path: string) {
    // Open for both: neither waits for the other side to open, nor comes to an end.
    this.#fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    const callback = (length: number) => {
      this.#heard(buffer, length);
      this.onLine();
      return true;
    };
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: this.#fd,
      readable: true,
      writable: false,
      onread: { buffer, callback },
    };
    this.#socket = new Socket(options);
  }

  /** How many were read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there are lines to take that were read already. */
  get any(): boolean {
    return this.#unread.includes("\n");
  }

  /** Lines that came since the last call. */
  take(): readonly string[] {
    this.read();
    const lines = this.#unread.split("\n");
    this.#unread = lines.pop() ?? "";
    return lines;
  }

  /** Takes up what lies in the pipe at this moment. */
  read(): void {
    for (let length = this.#closed ? 0 : PIECE; length === PIECE;) {
      length = readSome(this.#fd);
      this.#heard(SCRATCH, length);
    }
  }

  listen(): void {
    this.#socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #heard(buffer: Buffer, length: number): void {
    this.#unread += buffer.toString("latin1", 0, length);
    this.#bytes += length;
  }
}

/** Bytes read into SCRATCH; 0 when there are none. */
function readSome(fd: number): number {
  try {
    return readSync(fd, SCRATCH);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

const PIECE = 4_096;
const SCRATCH = Buffer.allocUnsafeSlow(PIECE);

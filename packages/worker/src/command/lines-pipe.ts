import { closeSync, constants, openSync, writeSync } from "node:fs";

/** The pipe from which a queue shell reads its program. It holds 64 KiB, but may hold two pages only when its user has many pipes. */
export class LinesPipe {
  readonly #fd: number;
  #unsent: Buffer = Buffer.alloc(0);
  #closed = false;

  constructor(path: string) {
    // Open for both: neither waits for the other side to open, nor is it an error when that ends.
    this.#fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  send(lines: string): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(lines)]);
    this.#write();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  #write(): void {
    if (this.#closed) return;
    this.#unsent = this.#unsent.subarray(writeSome(this.#fd, this.#unsent));
    if (this.#unsent.length > 0) setTimeout(() => this.#write(), FULL);
  }
}

/** Bytes written; 0 when there is no room. */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

/** Milliseconds until there may be room. */
const FULL = 2;

import type { LogChannel } from "@skyburst/core/protocol";

/** One byte of channel, four of length. */
const headSize = 5;

/** Most attempts print a line, if anything. */
const firstCapacity = 256;

/**
 * What was printed and is not stored yet, as frames in one piece of memory. A frame goes on while its channel does: a head for
 * each line would double many logs.
 */
export class FrameBuffer {
  #memory = new Uint8Array();
  #size = 0;
  /** The frame that goes on: where it begins, and its channel. */
  #head = 0;
  #channel: LogChannel | undefined;

  /** Bytes, heads included. */
  get size(): number {
    return this.#size;
  }

  append(channel: LogChannel, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#reserve(headSize + bytes.length);
    if (channel !== this.#channel) {
      this.#head = this.#size;
      this.#channel = channel;
      this.#memory[this.#head] = channel;
      this.#size += headSize;
    }
    this.#memory.set(bytes, this.#size);
    this.#size += bytes.length;
    const { buffer, byteOffset } = this.#memory;
    new DataView(buffer, byteOffset).setUint32(this.#head + 1, this.#size - this.#head - headSize);
  }

  /** Everything, whole frames; what comes next begins a new one. */
  take(): Uint8Array {
    const taken = this.#memory.subarray(0, this.#size);
    this.#memory = new Uint8Array();
    this.#size = 0;
    this.#channel = undefined;
    return taken;
  }

  #reserve(more: number): void {
    const needed = this.#size + more;
    if (needed <= this.#memory.length) return;
    const grown = new Uint8Array(Math.max(firstCapacity, needed, this.#memory.length * 2));
    grown.set(this.#memory.subarray(0, this.#size));
    this.#memory = grown;
  }
}

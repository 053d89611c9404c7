/**
 * Memory that was used and is not any more. What a thousand tasks give back is a few hundred kilobytes, which the system
 * would else take back, and clear, and hand out again, page by page: that costs more than filling it.
 */
export class Spares {
  readonly #memories: ArrayBuffer[] = [];

  /** Room for `size` bytes. What is in it is anybody's guess. */
  take(size: number): Uint8Array<ArrayBuffer> {
    if (size < worthKeeping) return new Uint8Array(size);
    // Not a much larger one: many of those that hold little would hold much memory.
    const found = this.#memories.findIndex(({ byteLength }) => byteLength >= size && byteLength <= 2 * size);
    const [memory] = found < 0 ? [] : this.#memories.splice(found, 1);
    return new Uint8Array(memory ?? fresh(size), 0, size);
  }

  /** Nobody uses any of it any more. */
  give(memory: ArrayBuffer): void {
    if (memory.byteLength < worthKeeping) return;
    this.#memories.push(memory);
    if (this.#memories.length > most) this.#memories.shift();
  }

  /** Takes some out, for another thread. */
  lend(): ArrayBuffer[] {
    return this.#memories.splice(0, 2);
  }
}

function fresh(size: number): ArrayBuffer {
  // Not cleared, since it is filled at once; with room for what is a little larger.
  return Buffer.allocUnsafeSlow(size + (size >> 3)).buffer;
}

/** In bytes. Smaller ones come from a heap that keeps them anyway. */
const worthKeeping = 32 * 1024;
const most = 16;

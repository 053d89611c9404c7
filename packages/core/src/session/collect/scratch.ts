/**
 * Memory that is used again for each object read, so that a million outcomes pass through as little of it as a thousand.
 * What is read into it is valid until the next read.
 */
export class Scratch {
  #bytes = new Uint8Array(0);

  readonly into = (size: number): Uint8Array => {
    // Room to spare, or objects that grow a little each time would each get memory of their own.
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size + (size >> 2));
    return this.#bytes.subarray(0, size);
  };
}

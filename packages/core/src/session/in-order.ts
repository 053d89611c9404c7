import type { Commit } from "../protocol/commit.ts";
import type { Chunk } from "../protocol/chunk.ts";
import { countOf, lastOffset, offsetOf, splitLines } from "./outcome-bytes.ts";

/**
 * Puts the outcome lines of one chunk in input order. Commits that bring the next lines in a row, which nearly all do, pass
 * as they are; only what comes early is taken apart and held.
 */
export class InOrder {
  readonly #first: number;
  #next = 0;
  readonly #held = new Map<number, Uint8Array>();
  #blobs = false;
  #clean = true;

  constructor(chunk: Chunk) {
    this.#first = chunk.index;
  }

  /** Some line that passed, or is held, has its value in a blob. */
  get blobs(): boolean {
    return this.#blobs;
  }

  /** No line that passed, or is held, is other than `succeeded`. */
  get clean(): boolean {
    return this.#clean;
  }

  *add(commit: Commit): Generator<{ readonly lines: Uint8Array; readonly count: number }> {
    const { header, lines } = commit;
    const count = countOf(commit);
    this.#blobs ||= header.blobs !== undefined;
    this.#clean &&= header.failed + header.cancelled === 0;
    if (count === 0) return;
    if (
      header.again === undefined &&
      this.#held.size === 0 &&
      offsetOf(lines, this.#first) === this.#next &&
      lastOffset(lines, this.#first) === this.#next + count - 1
    ) {
      this.#next += count;
      yield { lines, count };
      return;
    }
    for (const line of splitLines(lines)) this.#held.set(offsetOf(line, this.#first), line.slice());
    yield* this.#release();
  }

  *#release(): Generator<{ readonly lines: Uint8Array; readonly count: number }> {
    const ready: Uint8Array[] = [];
    for (let line = this.#held.get(this.#next); line; line = this.#held.get(this.#next)) {
      this.#held.delete(this.#next++);
      ready.push(line);
    }
    if (ready.length > 0) yield { lines: Buffer.concat(ready), count: ready.length };
  }
}

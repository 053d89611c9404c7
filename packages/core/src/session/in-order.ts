import type { Commit } from "../protocol/commit.ts";
import type { Chunk } from "../protocol/chunk.ts";

const newline = 10;

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

  *add({ header, lines }: Commit): Generator<{ readonly lines: Uint8Array; readonly count: number }> {
    const count = header.succeeded + header.failed + header.cancelled;
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
    for (const line of split(lines)) this.#held.set(offsetOf(line, this.#first), line.slice());
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

function* split(lines: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf(newline, at) + 1;
    yield lines.subarray(at, end);
    at = end;
  }
}

function lastOffset(lines: Uint8Array, first: number): number {
  const before = lines.lastIndexOf(newline, lines.length - 2);
  return offsetOf(lines.subarray(before + 1), first);
}

/** A line begins with `{"index":` and its digits, which we wrote ourselves. */
function offsetOf(line: Uint8Array, first: number): number {
  let index = 0;
  for (let at = prefix.length; ; at++) {
    const digit = (line[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return index - first;
    index = index * 10 + digit;
  }
}

const prefix = '{"index":';
const zero = 48;

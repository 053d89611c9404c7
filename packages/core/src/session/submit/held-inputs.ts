import type { InlineInputs } from "../../protocol/ledger.ts";
import { inlineLimit } from "../../protocol/segment.ts";
import type { Segment } from "../../protocol/segment.ts";

/** Segments by ordinal that are no objects: they wait for the entry that names them, to ride behind it. */
export class HeldInputs {
  readonly #segments = new Map<number, Segment>();
  /** Those that the next entry would name. */
  #open = new Set<number>();
  #bytes = 0;

  /** false: with it there would be more than may ride behind one entry. */
  add(ordinal: number, { count, rich, lines }: Segment): boolean {
    if (this.#bytes + lines.length > inlineLimit) return false;
    this.#bytes += lines.length;
    this.#open.add(ordinal);
    // A copy: the memory of the lines may be used again for the next ones.
    this.#segments.set(ordinal, { count, rich, lines: new Uint8Array(lines) });
    return true;
  }

  /** What is held is about to be named: what comes now rides behind another entry. */
  close(): void {
    this.#open = new Set();
    this.#bytes = 0;
  }

  /** Takes out what nobody is about to name. */
  spill(): (readonly [number, Segment])[] {
    const spilled = [...this.#segments].filter(([ordinal]) => this.#open.has(ordinal));
    this.#drop(spilled);
    this.close();
    return spilled;
  }

  has(ordinal: number): boolean {
    return this.#segments.has(ordinal);
  }

  /** Takes out those before this one. */
  takeBefore(end: number): (readonly [number, Segment])[] {
    const before = [...this.#segments].filter(([ordinal]) => ordinal < end);
    this.#drop(before);
    return before;
  }

  /** How an entry names those from `from` on. All of them are held. */
  named(from: number, to: number): InlineInputs[] {
    return this.#between(from, to).map(({ rich, lines }) => ({
      bytes: lines.length,
      ...(rich.length > 0 ? { rich } : {}),
    }));
  }

  /** What rides behind an entry that names these. */
  lines(from: number, to: number): Uint8Array[] {
    return this.#between(from, to).map(({ lines }) => lines);
  }

  #drop(taken: readonly (readonly [number, Segment])[]): void {
    for (const [ordinal] of taken) this.#segments.delete(ordinal);
  }

  #between(from: number, to: number): Segment[] {
    const found: Segment[] = [];
    for (let ordinal = from; ordinal < to; ordinal++) {
      const segment = this.#segments.get(ordinal);
      if (segment) found.push(segment);
    }
    return found;
  }
}

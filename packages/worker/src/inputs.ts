import { parseSegment, sliceSegment } from "@skyburst/core/protocol";
import type { Chunk, Facts, Segment, SessionKeys } from "@skyburst/core/protocol";

/** A segment's chunks are leased close together: the newest few segments are enough. */
const kept = 4;

/** Inputs of leased chunks. A segment is read once for all of its chunks that are leased in a row. */
export class Inputs {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #segments = new Map<string, Promise<Segment>>();

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  async of(chunk: Chunk): Promise<Segment> {
    const key = this.#keys.segment(chunk.submission.id, chunk.row.ordinal);
    const segment = this.#segments.get(key) ?? this.#read(key);
    return sliceSegment(await segment, chunk.start, chunk.count);
  }

  #read(key: string): Promise<Segment> {
    const segment = this.#facts.get(key).then((bytes) => {
      if (!bytes) throw new Error(`The store lost the inputs ${key}.`);
      return parseSegment(bytes);
    });
    if (this.#segments.size >= kept) this.#segments.delete(this.#segments.keys().next().value ?? "");
    this.#segments.set(key, segment);
    return segment;
  }
}

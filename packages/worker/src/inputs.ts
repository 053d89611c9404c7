import { inputsKey, parseInputs, sliceSegment } from "@skyburst/core/protocol";
import type { Chunk, Facts, Segment, SessionKeys } from "@skyburst/core/protocol";

/** A segment's chunks are leased close together: the newest few segments are enough. */
const kept = 4;

/** Of ledger entries behind which inputs ride, of at most 128 KiB. A stream of small appends is many entries; chunks of several are leased. */
const keptEntries = 32;

/** Inputs of leased chunks. A segment is read once for all of its chunks that are leased in a row, or was read with the ledger. */
export class Inputs {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #segments = new Map<string, Promise<Segment>>();
  readonly #entries = new Map<string, Promise<Uint8Array>>();

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  /** A ledger entry was read: what rides behind it is at hand. */
  heard(rev: number, body: Uint8Array): void {
    keep(this.#entries, this.#keys.manifest(rev), Promise.resolve(body), keptEntries);
  }

  async of(chunk: Chunk): Promise<Segment> {
    const { submission, row } = chunk;
    const name = this.#keys.segment(submission.id, row.ordinal);
    let segment = this.#segments.get(name);
    if (!segment) {
      segment = this.#body(chunk).then((body) => parseInputs(body, submission.id, row));
      keep(this.#segments, name, segment, kept);
    }
    return sliceSegment(await segment, chunk.start, chunk.count);
  }

  #body({ submission, row }: Chunk): Promise<Uint8Array> {
    const key = inputsKey(this.#keys, submission.id, row);
    const known = this.#entries.get(key);
    if (known) return known;
    const body = this.#facts.get(key).then((bytes) => {
      if (!bytes) throw new Error(`The store lost the inputs ${key}.`);
      return bytes;
    });
    if (row.rev !== undefined) keep(this.#entries, key, body, keptEntries);
    return body;
  }
}

function keep<T>(all: Map<string, T>, key: string, one: T, most: number): void {
  if (all.size >= most) all.delete(all.keys().next().value ?? "");
  all.set(key, one);
}

import { inputsKey, parseInputs, sliceSegment } from "@skyburst/core/protocol";
import type { Chunk, Facts, Segment, SessionKeys } from "@skyburst/core/protocol";

/** A segment's chunks are leased close together: the newest few segments are enough. */
const kept = 4;

/** Bytes of ledger entries behind which inputs may ride: some large ones, or hundreds of a stream of small appends, of which many chunks are leased. */
const keptOfLedger = 4_194_304;

/** Inputs of leased chunks. A segment is read once for all of its chunks that are leased in a row, or was read with the ledger. */
export class Inputs {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #segments = new Map<string, Promise<Segment>>();
  /** By key, the oldest first. */
  readonly #entries = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  /** A ledger entry was read: what rides behind it is at hand. */
  heard(rev: number, body: Uint8Array): void {
    const key = this.#keys.manifest(rev);
    this.#forget(key);
    this.#entries.set(key, body);
    this.#bytes += body.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= keptOfLedger || oldest === key) return;
      this.#forget(oldest);
    }
  }

  async of(chunk: Chunk): Promise<Segment> {
    const { submission, row } = chunk;
    const name = this.#keys.segment(submission.id, row.ordinal);
    let segment = this.#segments.get(name);
    if (!segment) {
      segment = this.#body(chunk).then((body) => parseInputs(body, submission.id, row));
      if (this.#segments.size >= kept) this.#segments.delete(this.#segments.keys().next().value ?? "");
      this.#segments.set(name, segment);
    }
    return sliceSegment(await segment, chunk.start, chunk.count);
  }

  async #body({ submission, row }: Chunk): Promise<Uint8Array> {
    const key = inputsKey(this.#keys, submission.id, row);
    const known = this.#entries.get(key);
    if (known) return known;
    const body = await this.#facts.get(key);
    if (!body) throw new Error(`The store lost the inputs ${key}.`);
    if (row.rev !== undefined) this.heard(row.rev, body);
    return body;
  }

  #forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.length ?? 0;
    this.#entries.delete(key);
  }
}

import { SkyburstError } from "../../errors.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger, SegmentRow } from "../../protocol/ledger.ts";
import { inputsKey, parseInputs, parseSegment, segmentBody } from "../../protocol/segment.ts";
import type { Segment } from "../../protocol/segment.ts";

export interface NamedInputsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly submission: string;
}

/** Inputs of a submission that its ledger names, by an earlier life of its submitter, or another one beside it. */
export class NamedInputs {
  readonly #options: NamedInputsOptions;
  /** Rows before this one are of other submissions, or of inputs that came before. Rows are only ever added. */
  #from = 0;
  /** What was read last: an entry has the inputs of several segments. */
  #newest: { readonly key: string; readonly body: Promise<Uint8Array | undefined> } | undefined;

  constructor(options: NamedInputsOptions) {
    this.#options = options;
  }

  /**
   * Compares with what was named: a segment that is an object is written again, which changes nothing.
   *
   * @throws {SkyburstError} `session` when these are other inputs.
   */
  async confirm(ledger: Ledger, ordinal: number, segment: Segment): Promise<void> {
    const { keys, submission } = this.#options;
    const row = this.#row(ledger, ordinal);
    const key = row ? inputsKey(keys, submission, row) : keys.segment(submission, ordinal);
    const same =
      row?.rev === undefined
        ? await this.#options.facts.create(key, segmentBody(segment))
        : isSame(parseInputs(await this.#read(key), submission, row), segment);
    if (!same) throw otherInputs(submission, key);
  }

  /** The same of a segment that is an object with our own inputs. */
  async confirmStored(ledger: Ledger, ordinal: number): Promise<void> {
    const { keys, submission } = this.#options;
    // Where the object itself was named, its key is the proof: other bytes could not have been written.
    if (this.#row(ledger, ordinal)?.rev === undefined) return;
    await this.confirm(ledger, ordinal, parseSegment(await this.#read(keys.segment(submission, ordinal))));
  }

  #row({ submissions, segments }: Ledger, ordinal: number): SegmentRow | undefined {
    const isOurs = ({ submission }: SegmentRow) => submissions[submission]?.id === this.#options.submission;
    const before = segments[this.#from];
    if (before && isOurs(before) && before.ordinal > ordinal) this.#from = 0;
    for (; this.#from < segments.length; this.#from++) {
      const row = segments[this.#from];
      if (row && isOurs(row) && row.ordinal === ordinal) return row;
    }
    this.#from = 0;
    return undefined;
  }

  async #read(key: string): Promise<Uint8Array> {
    if (this.#newest?.key !== key) this.#newest = { key, body: this.#options.facts.get(key) };
    const body = await this.#newest.body;
    if (body) return body;
    throw new SkyburstError("session", `The store has lost ${key}, which holds inputs of ${this.#options.submission}.`);
  }
}

export function otherInputs(submission: string, key: string): SkyburstError {
  return new SkyburstError("session", `Two processes submit as ${submission}: ${key} holds other inputs.`);
}

function isSame(one: Segment, other: Segment): boolean {
  return (
    one.count === other.count && one.rich.join() === other.rich.join() && Buffer.compare(one.lines, other.lines) === 0
  );
}

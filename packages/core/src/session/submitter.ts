import { chunkSize, streamChunkSize } from "../protocol/cut.ts";
import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Ledger, Operation, SubmissionOptions, TaskSpec } from "../protocol/ledger.ts";
import { appendEntry } from "../protocol/read-ledger.ts";
import { segmentBody } from "../protocol/segment.ts";
import type { Segment } from "../protocol/segment.ts";
import { Spares } from "../protocol/spares.ts";
import { SkyburstError } from "../errors.ts";
import type { LedgerView } from "./ledger-view.ts";

export interface SubmitterOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly view: LedgerView;
  readonly submission: string;
  /** Tasks that the planned fleet runs at a time. */
  readonly slots: number;
  /** After each entry: the fleet may have to grow. */
  readonly grown: () => void;
}

/** Segments named by one ledger operation at most. */
const appendLimit = 1000;

/** Segment writes under way at a time. */
const parallelWrites = 16;

/**
 * Adds one submission to the ledger: its segments first, in parallel, then the entries that name them. What no entry names
 * was never submitted.
 */
export class Submitter {
  readonly #options: SubmitterOptions;
  #opening: Operation[] = [];
  #concurrency = 1;
  #seconds: number | undefined;
  #ordinal = 0;
  #entries = 0;
  #named = 0;
  #counts: number[] = [];
  readonly #writes = new Set<Promise<void>>();
  readonly #spares = new Spares();
  #failure: { readonly error: unknown } | undefined;
  /** One entry at a time: two with the same ordinal would each take the other for their own. */
  #entering: Promise<unknown> = Promise.resolve();
  #cancelling = false;

  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** Fixes what the submission runs. It is written with the first append. */
  open(task: TaskSpec, options: SubmissionOptions): void {
    this.#concurrency = options.concurrency;
    this.#seconds = options.estimate === undefined ? undefined : options.estimate / 1000;
    this.#opening = [{ op: "open", submission: this.#options.submission, task, options }];
  }

  /** Writes a segment that the next append will name. Resolves when there is room for another. */
  async write(segment: Segment): Promise<void> {
    const { facts, keys, submission } = this.#options;
    this.#check();
    if (segment.count === 0) return;
    const key = keys.segment(submission, this.#ordinal++);
    this.#counts.push(segment.count);
    const body = segmentBody(segment, this.#spares);
    const write = facts.create(key, body).then((created) => {
      this.#spares.give(body.buffer);
      if (!created)
        throw new SkyburstError("session", `Two processes submit as ${submission}: ${key} holds other inputs.`);
    });
    this.#track(write);
    if (this.#writes.size >= parallelWrites) await Promise.race(this.#writes);
  }

  /** Segments that no entry names yet. */
  get pending(): boolean {
    return this.#counts.length > 0;
  }

  /** Names the segments written since the last append. `last`: they are the last ones. `known`: also the first ones. */
  async append(last: boolean, known: boolean): Promise<void> {
    // Taken before the wait: what is written during it may not be there when the entry is.
    const counts = this.#counts;
    this.#counts = [];
    await Promise.all(this.#writes);
    this.#check();
    const { slots, facts, submission } = this.#options;
    const tasks = counts.reduce((sum, count) => sum + count, 0);
    const least = this.#concurrency;
    // A stream may bring many inputs at once: cut as if each were the last, they would be as many leases.
    const atHand = chunkSize(tasks, slots, facts.store.pace.chunksPerSlot, this.#seconds, least);
    const chunk = known ? atHand : Math.max(atHand, streamChunkSize(this.#entries, this.#seconds, least));
    const operations: Operation[] = [];
    for (let at = 0; at < counts.length; at += appendLimit) {
      const part = counts.slice(at, at + appendLimit);
      operations.push({ op: "append", submission, from: this.#named, counts: part, chunk });
      this.#named += part.length;
    }
    if (last) operations.push({ op: "end", submission });
    await this.#enter(operations, (ledger) => isOpen(ledger, submission));
  }

  /** Stops the submission: what has no outcome yet ends as cancelled. false: there was nothing to cancel. */
  async cancel(because: string): Promise<boolean> {
    this.#cancelling = true;
    await Promise.allSettled([...this.#writes, this.#entering]);
    if (this.#entries === 0) return false;
    await this.#enterNow([{ op: "cancel", submission: this.#options.submission, because }], () => true);
    return true;
  }

  #enter(operations: readonly Operation[], admissible: (ledger: Ledger) => boolean): Promise<void> {
    // What comes behind a cancel would open again what was never opened.
    if (this.#cancelling)
      throw new SkyburstError(
        "session",
        `Submission ${this.#options.submission} was cancelled; nothing can be added to it.`,
      );
    const entering = this.#entering.then(() => this.#enterNow(operations, admissible));
    this.#entering = entering.catch(() => undefined);
    return entering;
  }

  async #enterNow(operations: readonly Operation[], admissible: (ledger: Ledger) => boolean): Promise<void> {
    const { facts, keys, view, submission, grown } = this.#options;
    if (operations.length + this.#opening.length === 0) return;
    const writing = { actor: submission, ordinal: this.#entries, operations: [...this.#opening, ...operations] };
    const written = await view.inTurn(async () => {
      const entered = await appendEntry(facts, keys, view.current, writing, admissible);
      view.advance(entered.ledger);
      return entered.written;
    });
    if (!written)
      throw new SkyburstError(
        "session",
        `Submission ${submission} was ended or cancelled; nothing can be added to it.`,
      );
    this.#opening = [];
    this.#entries++;
    grown();
  }

  #track(write: Promise<void>): void {
    const tracked: Promise<void> = write
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#writes.delete(tracked));
    this.#writes.add(tracked);
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

function isOpen(ledger: Ledger, id: string): boolean {
  const submission = ledger.submissions.find((known) => known.id === id);
  return submission ? !submission.ended : !ledger.cancelled;
}

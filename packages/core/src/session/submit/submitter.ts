import { chunkSize, streamChunkSize } from "../../protocol/cut.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger, Operation, Submission, SubmissionOptions, TaskSpec } from "../../protocol/ledger.ts";
import { appendEntry } from "../../protocol/read-ledger.ts";
import type { Written } from "../../protocol/read-ledger.ts";
import { mostChunks, segmentBody } from "../../protocol/segment.ts";
import type { Segment } from "../../protocol/segment.ts";
import { Spares } from "../../protocol/spares.ts";
import { SkyburstError } from "../../errors.ts";
import type { LedgerView } from "../ledger-view.ts";
import { HeldInputs } from "./held-inputs.ts";
import { NamedInputs, otherInputs } from "./named-inputs.ts";

export interface SubmitterOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly view: LedgerView;
  readonly submission: string;
  /** Tasks that the planned fleet runs at a time. */
  readonly slots: number;
  /** After each entry: the fleet may have to grow. */
  readonly grown: () => void;
  /** Whether the submission may begin behind this ledger. Default: unless all is cancelled. */
  readonly mayBegin?: ((ledger: Ledger) => boolean) | undefined;
}

/** Segments named by one ledger operation at most. */
const appendLimit = 1000;

/** Segment writes under way at a time. */
const parallelWrites = 16;

/**
 * Adds one submission to the ledger: its segments first, in parallel, then the entries that name them. Few inputs ride behind the
 * entry itself. What no entry names was never submitted.
 *
 * How far it came is always what the ledger says: a submitter that was killed, and one that is started beside another with the
 * same inputs, compares those that are named with its own, and names the others.
 */
export class Submitter {
  readonly #options: SubmitterOptions;
  #opening: { readonly task: TaskSpec; readonly options: SubmissionOptions } | undefined;
  #concurrency = 1;
  #seconds: number | undefined;
  /** Inputs of each segment, by ordinal. */
  readonly #sizes: number[] = [];
  readonly #writes = new Set<Promise<void>>();
  readonly #held = new HeldInputs();
  /** Ordinals of segments that are objects, and that no entry of ours names yet. */
  readonly #stored = new Set<number>();
  readonly #before: NamedInputs;
  /** The next entry names more inputs than may ride behind it: each segment of it is an object. */
  #large = false;
  readonly #spares = new Spares();
  #failure: { readonly error: unknown } | undefined;
  /** One entry at a time: two with the same ordinal would each take the other for their own. */
  #entering: Promise<unknown> = Promise.resolve();
  #cancelling = false;

  constructor(options: SubmitterOptions) {
    this.#options = options;
    this.#before = new NamedInputs(options);
  }

  /**
   * Fixes what the submission runs. It is written with the first append.
   *
   * @throws {SkyburstError} `session` when it began with another task.
   */
  open(task: TaskSpec, options: SubmissionOptions): void {
    const there = this.#there();
    if (there && textOf(there.task) !== textOf(task))
      throw new SkyburstError(
        "session",
        `Submission ${there.id} began with another task, \`${there.task.name}\`: its program has changed. Submit under another id.`,
      );
    this.#concurrency = options.concurrency;
    this.#seconds = options.estimate === undefined ? undefined : options.estimate / 1000;
    this.#opening = { task, options };
  }

  /** Takes a segment that the next append will name. Resolves when there is room for another. */
  async write(segment: Segment): Promise<void> {
    this.#check();
    if (segment.count === 0) return;
    const ordinal = this.#sizes.length;
    this.#sizes.push(segment.count);
    if (ordinal < this.#named()) return this.#compare(ordinal, { ...segment, lines: new Uint8Array(segment.lines) });
    if (!this.#large && this.#held.add(ordinal, segment)) return;
    this.#large = true;
    for (const [earlier, held] of this.#held.spill()) await this.#store(earlier, held);
    await this.#store(ordinal, segment);
  }

  /** Segments that no entry names yet. */
  get pending(): boolean {
    return this.#sizes.length > this.#named();
  }

  /** Names the segments written since the last append. `last`: they are the last ones. `known`: also the first ones. */
  async append(last: boolean, known: boolean): Promise<void> {
    // Taken before the wait: what is written during it may not be there when the entry is.
    const upTo = this.#sizes.length;
    this.#held.close();
    this.#large = false;
    await Promise.all(this.#writes);
    this.#check();
    // What comes behind a cancel would open again what was never opened.
    if (this.#cancelling) throw this.#closed();
    const entering = this.#entering.then(() => this.#nameUpTo(upTo, last, known));
    this.#entering = entering.catch(() => undefined);
    return entering;
  }

  /** Stops the submission: what has no outcome yet ends as cancelled. false: there was nothing to cancel. */
  async cancel(because: string): Promise<boolean> {
    this.#cancelling = true;
    await Promise.allSettled([...this.#writes, this.#entering]);
    const there = this.#there();
    if (!there) return false;
    const operations = [{ op: "cancel" as const, submission: there.id, because }];
    await this.#enter({ operations, inputs: [] }, there.ordinal, () => true);
    return true;
  }

  /** An entry that turns out to be one of an earlier life, or of another submitter, may name less: then the rest follows. */
  async #nameUpTo(upTo: number, last: boolean, known: boolean): Promise<void> {
    for (;;) {
      const there = this.#there();
      const named = this.#named();
      await this.#confirm(named);
      if (there?.ended === true) {
        if (there.cancelled || upTo > named) throw this.#closed();
        if (last && upTo < named) throw this.#fewer(upTo, named);
        return;
      }
      const operations = this.#operations(named, upTo, there, known);
      if (last) operations.push({ op: "end", submission: this.#options.submission });
      if (operations.length === 0) return;
      if (last && upTo < named) throw this.#fewer(upTo, named);
      const { mayBegin = (ledger) => !ledger.cancelled } = this.#options;
      const inputs = this.#held.lines(named, upTo);
      const { written, exact } = await this.#enter({ operations, inputs }, there?.ordinal ?? 0, (ledger) => {
        const now = submissionIn(ledger, this.#options.submission);
        return now ? !now.ended : mayBegin(ledger);
      });
      if (!written) throw this.#closed();
      if (exact) this.#entered(upTo);
    }
  }

  /** Somebody else's entry named these in the same name: with the same inputs, or it is another submission. */
  async #confirm(named: number): Promise<void> {
    const { current } = this.#options.view;
    for (const [ordinal, segment] of this.#held.takeBefore(named))
      await this.#before.confirm(current, ordinal, segment);
    for (const ordinal of this.#stored) {
      if (ordinal >= named) continue;
      await this.#before.confirmStored(current, ordinal);
      this.#stored.delete(ordinal);
    }
  }

  /** An entry of ours names all before this one. */
  #entered(end: number): void {
    this.#held.takeBefore(end);
    for (const ordinal of this.#stored) if (ordinal < end) this.#stored.delete(ordinal);
  }

  #operations(named: number, upTo: number, there: Submission | undefined, known: boolean): Operation[] {
    const { slots, facts, submission } = this.#options;
    const operations: Operation[] = [];
    if (!there && this.#opening) operations.push({ op: "open", submission, ...this.#opening });
    const tasks = this.#sizes.slice(named, upTo).reduce((sum, count) => sum + count, 0);
    const least = this.#concurrency;
    // A stream may bring many inputs at once: cut as if each were the last, they would be as many leases.
    const atHand = chunkSize(tasks, slots, facts.store.pace.chunksPerSlot, this.#seconds, least);
    const wanted = known ? atHand : Math.max(atHand, streamChunkSize(there?.ordinal ?? 0, this.#seconds, least));
    for (let from = named, to = from; from < upTo; from = to) {
      const isHeld = this.#held.has(from);
      while (to < upTo && to - from < appendLimit && this.#held.has(to) === isHeld) to++;
      const counts = this.#sizes.slice(from, to);
      const chunk = Math.max(wanted, Math.ceil(Math.max(...counts) / mostChunks));
      const inputs = isHeld ? { inputs: this.#held.named(from, to) } : {};
      operations.push({ op: "append", submission, from, counts, chunk, ...inputs });
    }
    return operations;
  }

  async #enter(
    what: { readonly operations: readonly Operation[]; readonly inputs: readonly Uint8Array[] },
    ordinal: number,
    admissible: (ledger: Ledger) => boolean,
  ): Promise<Written> {
    const { facts, keys, view, submission, grown } = this.#options;
    const writing = { actor: submission, ordinal, ...what };
    const entered = await view.inTurn(async () => {
      const added = await appendEntry(facts, keys, view.current, writing, admissible);
      view.advance(added.ledger);
      return added;
    });
    if (entered.written) grown();
    return entered;
  }

  #there(): Submission | undefined {
    return submissionIn(this.#options.view.current, this.#options.submission);
  }

  #named(): number {
    return this.#there()?.segments ?? 0;
  }

  #closed(): SkyburstError {
    const { submission, view } = this.#options;
    const what = view.current.removed
      ? "The session was removed"
      : this.#there() || this.#cancelling
        ? `Submission ${submission} was ended or cancelled`
        : "The session was ended or cancelled";
    return new SkyburstError("session", `${what}; nothing can be added to it.`);
  }

  #fewer(now: number, before: number): SkyburstError {
    const { submission } = this.#options;
    return new SkyburstError(
      "session",
      `Submission ${submission} began with other inputs: it has ${before} segments, and these are ${now}.`,
    );
  }

  async #store(ordinal: number, segment: Segment): Promise<void> {
    const { facts, keys, submission } = this.#options;
    const key = keys.segment(submission, ordinal);
    this.#stored.add(ordinal);
    const body = segmentBody(segment, this.#spares);
    const write = facts.create(key, body).then((created) => {
      this.#spares.give(body.buffer);
      if (!created) throw otherInputs(submission, key);
    });
    await this.#under(write);
  }

  async #compare(ordinal: number, segment: Segment): Promise<void> {
    await this.#under(this.#before.confirm(this.#options.view.current, ordinal, segment));
  }

  /** Under way, beside some others. */
  async #under(write: Promise<void>): Promise<void> {
    this.#track(write);
    if (this.#writes.size >= parallelWrites) await Promise.race(this.#writes);
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

function submissionIn(ledger: Ledger, id: string): Submission | undefined {
  return ledger.submissions.find((known) => known.id === id);
}

/** Where its packages are looked for may differ: the program is the same. */
function textOf(task: TaskSpec): string {
  const { modules: _modules, ...rest } = { modules: undefined, ...task };
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

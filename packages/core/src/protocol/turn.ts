import type { Chunk } from "./chunk.ts";
import { batchesOf } from "./cut.ts";
import { commitBody, commitInPlace, parseCommit } from "./commit.ts";
import type { Commit, CommitHeader, CommitLog, TurnSummary } from "./commit.ts";
import type { Facts } from "./facts.ts";
import { itemCount } from "./items.ts";
import type { Item } from "./items.ts";
import { parsePart } from "./keys.ts";
import type { LeaseId, Range, SessionKeys } from "./keys.ts";
import type { Lease } from "./lease.ts";
import type { Spares } from "./spares.ts";

/** What a batch came to, before it is committed. */
export interface BatchResult {
  /** Outcome lines of what is final, in item order. */
  readonly lines: readonly Uint8Array[];
  /** Bytes before the first of them that whoever commits may write over. Default: none. */
  readonly room?: number | undefined;
  readonly succeeded: number;
  /** Offsets. */
  readonly failed: readonly number[];
  readonly cancelled: number;
  readonly again: readonly Item[];
  /** Run time of what is final. */
  readonly seconds: number;
  readonly blobs: number;
  readonly logs: readonly { readonly log: CommitLog; readonly bytes: Uint8Array }[];
}

/** A batch that is known to be committed, by whoever. */
type Tally = Pick<BatchResult, "succeeded" | "failed" | "cancelled" | "again" | "seconds">;

export type Committed =
  /** The batch is committed: by this owner, or by one before whose late commit won. */
  | "committed"
  /** A later owner is at work: this one starts nothing more under the lease. */
  | "superseded";

/**
 * A turn of a chunk under one lease.
 *
 * States: open → (every batch but the last known to be committed) → done. A batch is committed by `commit`, by an owner
 * before (`catchUp`), or by one whose late write came first.
 */
export class Turn {
  readonly chunk: Chunk;
  readonly id: LeaseId;
  readonly lease: Lease;
  readonly batches: readonly Range[];
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #before: TurnSummary | undefined;
  readonly #tallies: (Tally | undefined)[];
  #done: TurnSummary | undefined;

  /** @param before Summary of the turn before; undefined in turn 0. */
  constructor(
    facts: Facts,
    keys: SessionKeys,
    chunk: Chunk,
    id: LeaseId,
    lease: Lease,
    before: TurnSummary | undefined,
  ) {
    this.chunk = chunk;
    this.id = id;
    this.lease = lease;
    this.batches = batchesOf(lease.cut, itemCount(lease.items));
    this.#facts = facts;
    this.#keys = keys;
    this.#before = before;
    this.#tallies = this.batches.map(() => undefined);
  }

  isCommitted(batch: number): boolean {
    return this.#tallies[batch] !== undefined;
  }

  /** What the turn came to; undefined while it isn't done. */
  get summary(): TurnSummary | undefined {
    return this.#done;
  }

  /** The last batch's outcomes are in `done`, which comes when every part of the turn is known to exist. */
  canFinish(): boolean {
    return this.#tallies.every((tally, n) => tally !== undefined || n === this.batches.length - 1);
  }

  /** Learns what owners before committed. Needed after a takeover only: the keys of epoch 1 can have no parts. */
  async catchUp(): Promise<void> {
    for await (const page of this.#facts.list(this.#keys.partsOf(this.chunk))) {
      for (const { key } of page.entries) {
        const part = parsePart(key.slice(this.#keys.parts.length));
        if (part.t !== this.id.t) continue;
        const batch = this.batches.findIndex(({ first }) => first === part.first);
        // Counts come from what was committed, never from what this owner remembers of it.
        if (this.#tallies[batch] === undefined) this.#tallies[batch] = tallyOf(await this.#read(key));
      }
    }
  }

  /** @param spares Where the memory of the commit's body comes from, and goes back to. */
  async commit(batch: number, result: BatchResult, spares?: Spares): Promise<Committed> {
    const last = batch === this.batches.length - 1;
    if (last && !this.canFinish()) throw new Error("The last batch of a turn is committed after all others.");
    const range = this.batches[batch];
    if (!range) throw new RangeError(`Turn without batch ${batch}.`);
    const summary = last ? this.#summary(result) : undefined;
    await this.#markOdd(range, result, summary);
    const key = last ? this.#keys.done(this.id) : this.#keys.part(this.id, range);
    const created = await this.#write(key, this.#header(range, result, summary), result, spares);
    if (created) {
      this.#tallies[batch] = pick(result);
      this.#done = summary;
      return "committed";
    }
    const { header } = await this.#read(key);
    if (header.epoch > this.id.e) return "superseded";
    this.#done = header.turn;
    this.#tallies[batch] = tallyOf({ header });
    return "committed";
  }

  async #write(
    key: string,
    header: Omit<CommitHeader, "v" | "lines">,
    { lines, room = 0, logs }: BatchResult,
    spares: Spares | undefined,
  ): Promise<boolean> {
    const [only] = lines;
    const inPlace = only && lines.length === 1 && logs.length === 0 ? commitInPlace(header, only, room) : undefined;
    // The lines' memory is that of whoever made them.
    if (inPlace) return this.#facts.create(key, inPlace);
    const body = commitBody(
      header,
      lines,
      logs.map(({ bytes }) => bytes),
      spares,
    );
    const created = await this.#facts.create(key, body);
    spares?.give(body.buffer);
    return created;
  }

  /** Written before the commit, so that a listing that shows the commit shows this too. */
  async #markOdd(range: Range, result: BatchResult, summary: TurnSummary | undefined): Promise<void> {
    const counts = summary
      ? { failed: summary.failedTasks.length, cancelled: summary.cancelledTasks, again: summary.again.length }
      : { failed: result.failed.length, cancelled: result.cancelled, again: result.again.length };
    // What was printed and is lost is told by the commit: without a mark nobody would read it.
    const dropped = result.logs.some(({ log }) => log.dropped !== undefined);
    if (counts.failed + counts.cancelled + counts.again === 0 && !dropped) return;
    await this.#facts.create(this.#keys.odd(this.id, range, counts), empty);
  }

  #header(range: Range, result: BatchResult, turn: TurnSummary | undefined): Omit<CommitHeader, "v" | "lines"> {
    return {
      ...range,
      epoch: this.id.e,
      worker: this.lease.owner,
      succeeded: result.succeeded,
      failed: result.failed.length,
      cancelled: result.cancelled,
      seconds: rounded(result.seconds),
      ...(result.failed.length > 0 ? { failures: result.failed } : {}),
      ...(result.again.length > 0 ? { again: result.again } : {}),
      ...(result.blobs > 0 ? { blobs: result.blobs } : {}),
      ...(result.logs.length > 0 ? { logs: result.logs.map(({ log }) => log) } : {}),
      ...(turn ? { turn } : {}),
    };
  }

  #summary(last: BatchResult): TurnSummary {
    const tallies = [...this.#tallies.slice(0, -1), pick(last)].filter((tally) => tally !== undefined);
    const again = tallies.flatMap((tally) => tally.again);
    const failed = tallies.flatMap((tally) => tally.failed);
    const cancelled = tallies.reduce((sum, tally) => sum + tally.cancelled, 0);
    const rerun =
      typeof this.lease.items === "number" ? new Set<number>() : new Set(this.lease.items.map(({ offset }) => offset));
    const stillFailed = (this.#before?.failedTasks ?? []).filter((offset) => !rerun.has(offset));
    return {
      succeeded: tallies.reduce((sum, tally) => sum + tally.succeeded, 0),
      failed: failed.length,
      cancelled,
      failedTasks: [...stillFailed, ...failed].sort((a, b) => a - b),
      cancelledTasks: (this.#before?.cancelledTasks ?? 0) + cancelled,
      again: again.sort((a, b) => a.offset - b.offset),
      grant: this.lease.grant,
      items: itemCount(this.lease.items),
      cut: this.lease.cut,
      seconds: rounded(tallies.reduce((sum, tally) => sum + tally.seconds, 0)),
      ...(again.length > 0 ? record(this.lease) : {}),
    };
  }

  async #read(key: string): Promise<Commit> {
    const bytes = await this.#facts.get(key);
    if (!bytes) throw new Error(`The store says that ${key} is there and does not give it.`);
    return parseCommit(bytes);
  }
}

const empty = new Uint8Array();

function record({ crashes, losses, suspects }: Lease): Pick<TurnSummary, "crashes" | "losses" | "suspects"> {
  return crashes + losses > 0 ? { crashes, losses, ...(suspects ? { suspects } : {}) } : {};
}

function pick({ succeeded, failed, cancelled, again, seconds }: BatchResult): Tally {
  return { succeeded, failed, cancelled, again, seconds };
}

function tallyOf({ header }: { readonly header: CommitHeader }): Tally {
  return {
    succeeded: header.succeeded,
    failed: header.failures ?? [],
    cancelled: header.cancelled,
    again: header.again ?? [],
    seconds: header.seconds ?? 0,
  };
}

/** To the microsecond, as outcome lines tell it. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

import type { Chunk } from "../../protocol/chunk.ts";
import { retried } from "../../protocol/claim.ts";
import type { Commit, TurnSummary } from "../../protocol/commit.ts";
import type { Grant } from "../../protocol/ledger.ts";
import { countOf, lastOffset, offsetOf, splitLines } from "./outcome-bytes.ts";

/** As of how many grants of its submission the task of this offset was told. undefined: not at all. */
export type Told = (offset: number) => number | undefined;

/** Of a chunk of which nothing was told before. */
export const toldNothing: Told = () => undefined;

export interface ChunkTellingOptions {
  readonly chunk: Chunk;
  /** All that are known of the chunk's submission. */
  readonly grants: readonly Grant[];
  readonly told: Told;
  /** Tells nothing of tasks that did not fail. */
  readonly failedOnly: boolean;
}

export interface ToldLines {
  readonly lines: Uint8Array;
  readonly count: number;
}

/**
 * Tells one chunk in task order as of a number of retry grants: of each task the outcome that none of these grants starts again, and
 * nothing of tasks of which just that outcome was told before.
 *
 * Commits come turn after turn. Those that bring the next lines in a row, which nearly all do, pass as they are; only what
 * comes early, or may yet be run again, is taken apart and held.
 */
export class ChunkTelling {
  readonly #chunk: Chunk;
  readonly #grants: readonly Grant[];
  readonly #told: Told;
  readonly #anyTold: boolean;
  readonly #failedOnly: boolean;
  #next = 0;
  /** By offset: lines to be told; null: there is nothing to tell of it, or that very outcome was told before. */
  readonly #settled = new Map<number, Uint8Array | null>();
  /** Of a turn that is not done: what failed in it, of which only its summary tells whether a known grant starts it again. */
  readonly #failures = new Map<number, Uint8Array>();
  /** Offsets of which the outcome was met that was told before. */
  readonly #met = new Set<number>();

  constructor({ chunk, grants, told, failedOnly }: ChunkTellingOptions) {
    this.#chunk = chunk;
    this.#grants = grants;
    this.#told = told;
    this.#failedOnly = failedOnly;
    this.#anyTold = told !== toldNothing && isAnyTold(told, chunk.count);
  }

  /** Offset of the task that comes next. What is before it is told. */
  get next(): number {
    return this.#next;
  }

  /** @param summary Of the commit's turn; undefined while that runs. */
  *add(commit: Commit, summary: TurnSummary | undefined): Generator<ToldLines> {
    if (this.#passes(commit, summary)) {
      const { lines } = commit;
      const count = countOf(commit);
      this.#next += count;
      if (count > 0 && !this.#failedOnly) yield { lines, count };
      return;
    }
    const restarted = summary && new Restarted(this.#chunk, summary, this.#grants);
    const failures = new Set(commit.header.failures);
    for (const line of splitLines(commit.lines)) {
      const offset = offsetOf(line, this.#chunk.index);
      if (offset >= this.#next) this.#take(offset, line.slice(), failures.has(offset), restarted);
    }
    yield* this.#release();
  }

  /** The turn is done: what failed in it is settled. */
  *ended(summary: TurnSummary): Generator<ToldLines> {
    if (this.#failures.size === 0) return;
    const restarted = new Restarted(this.#chunk, summary, this.#grants);
    const failures = [...this.#failures];
    this.#failures.clear();
    for (const [offset, line] of failures) this.#settle(offset, line, restarted);
    yield* this.#release();
  }

  /** The lines are what comes next, all of them, and nothing will take their place. */
  #passes(commit: Commit, summary: TurnSummary | undefined): boolean {
    const { header, lines } = commit;
    const count = countOf(commit);
    if (this.#anyTold || this.#settled.size > 0 || this.#failures.size > 0) return false;
    if (count === 0) return true;
    if (header.again !== undefined || offsetOf(lines, this.#chunk.index) !== this.#next) return false;
    if (lastOffset(lines, this.#chunk.index) !== this.#next + count - 1) return false;
    if (header.failed === 0) return true;
    if (this.#failedOnly) return false;
    if (this.#grants.length === 0) return true;
    return summary !== undefined && retried(this.#chunk, summary, this.#grants).length === 0;
  }

  #take(offset: number, line: Uint8Array, failed: boolean, restarted: Restarted | undefined): void {
    if (!failed) this.#settle(offset, this.#failedOnly ? null : line, undefined);
    else if (restarted) this.#settle(offset, line, restarted);
    else if (this.#grants.length === 0) this.#settle(offset, line, undefined);
    else this.#failures.set(offset, line);
  }

  /** @param restarted undefined: no grant starts the task again, whatever comes. */
  #settle(offset: number, line: Uint8Array | null, restarted: Restarted | undefined): void {
    if (this.#settled.has(offset)) return;
    const before = this.#told(offset);
    const asBefore = before !== undefined && !this.#met.has(offset) && !restarted?.by(before).has(offset);
    if (asBefore) this.#met.add(offset);
    if (restarted?.by(this.#grants.length).has(offset)) return;
    this.#settled.set(offset, asBefore ? null : line);
  }

  *#release(): Generator<ToldLines> {
    const ready: Uint8Array[] = [];
    for (let line = this.#settled.get(this.#next); line !== undefined; line = this.#settled.get(this.#next)) {
      this.#settled.delete(this.#next++);
      if (line) ready.push(line);
    }
    if (ready.length > 0) yield { lines: Buffer.concat(ready), count: ready.length };
  }
}

function isAnyTold(told: Told, count: number): boolean {
  for (let offset = 0; offset < count; offset++) if (told(offset) !== undefined) return true;
  return false;
}

/** Which failed tasks of a turn that is done are started again by so many of the submission's grants. */
class Restarted {
  readonly #chunk: Chunk;
  readonly #summary: TurnSummary;
  readonly #grants: readonly Grant[];
  readonly #known = new Map<number, ReadonlySet<number>>();

  constructor(chunk: Chunk, summary: TurnSummary, grants: readonly Grant[]) {
    this.#chunk = chunk;
    this.#summary = summary;
    this.#grants = grants;
  }

  by(grants: number): ReadonlySet<number> {
    const known =
      this.#known.get(grants) ?? new Set(retried(this.#chunk, this.#summary, this.#grants.slice(0, grants)));
    this.#known.set(grants, known);
    return known;
  }
}

import { chunkAt, chunkNumbered } from "../../../protocol/chunk.ts";
import type { Chunk } from "../../../protocol/chunk.ts";
import { hasNextTurn } from "../../../protocol/claim.ts";
import { parseCommit } from "../../../protocol/commit.ts";
import type { TurnSummary } from "../../../protocol/commit.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import { parseDone, parseOdd } from "../../../protocol/keys.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Ledger, Submission } from "../../../protocol/ledger.ts";
import type { TaskTimes } from "./task-times.ts";

/** Reads of commits at a time. */
const readsAtATime = 8;

/** Of so many of the newest commits the time of tasks is learnt, at a time. */
const mostMeasured = 3;

/** What is left of a submission, by the store. */
export interface Unfinished {
  readonly submission: Submission;
  chunks: number;
  tasks: number;
}

/** Which chunks have something left to do, as the store tells: what is done is listed from the first on that was not, and remembered. */
export class UnfinishedChunks {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #times: TaskTimes;
  /** Running numbers of chunks with nothing left to do; how many retries they knew of. */
  #finished = new Set<number>();
  #grants = 0;
  /** By running number, the newest turn that was read, and what it came to: that stays, in however many looks it leaves something. */
  readonly #known = new Map<number, { readonly t: number; readonly summary: TurnSummary }>();
  /** Commits that were listed and not read, oldest first. */
  #unread: { readonly chunk: Chunk; readonly t: number; readonly modified: number }[] = [];

  constructor(facts: Facts, keys: SessionKeys, times: TaskTimes) {
    this.#facts = facts;
    this.#keys = keys;
    this.#times = times;
  }

  /** Of the submissions that count, those with something left. Two listings, and one read of each commit that leaves something. */
  async find(ledger: Ledger, counts: (submission: Submission) => boolean): Promise<readonly Unfinished[]> {
    // A grant may start again what had failed.
    if (ledger.grants > this.#grants) this.#finished = new Set();
    this.#grants = ledger.grants;
    const open = [...openChunks(ledger, counts, this.#finished)];
    const [first] = open;
    if (first === undefined) return [];
    await this.#learn(ledger, first.number);
    const left = new Map<Submission, Unfinished>();
    for (const { number, submission, tasks } of open) {
      if (this.#finished.has(number)) continue;
      const sum = left.get(submission) ?? { submission, chunks: 0, tasks: 0 };
      left.set(submission, sum);
      sum.chunks++;
      sum.tasks += tasks;
    }
    return [...left.values()];
  }

  /** Reads how long tasks took in the newest commits of which nothing was read. */
  async measure(): Promise<void> {
    const unread = this.#unread.splice(0);
    const newest = unread.sort((a, b) => a.modified - b.modified).slice(-mostMeasured);
    await Promise.all(newest.map(({ chunk, t }) => this.#read(chunk, t)));
  }

  /** Which chunks from `first` on are done for good. The marks of commits are written before them, so they are listed behind. */
  async #learn(ledger: Ledger, first: number): Promise<void> {
    const start = chunkNumbered(ledger, first);
    if (!start) return;
    const { dones, odds } = this.#keys;
    const name = this.#keys.chunk(start);
    const done = new Map<number, { readonly t: number; readonly modified: number }>();
    for (const { key, modified } of (await listAll(this.#facts, dones, { after: dones + name })).entries) {
      const { s, i, t } = parseDone(key.slice(dones.length));
      const number = chunkAt(ledger, { s, i })?.number;
      if (number === undefined || this.#finished.has(number)) continue;
      if (t >= (done.get(number)?.t ?? 0)) done.set(number, { t, modified });
    }
    if (done.size === 0) return;
    const marks = new Map<number, Mark[]>();
    for (const { key } of (await listAll(this.#facts, odds, { after: odds + name })).entries) {
      const { s, i, t, failed, again } = parseOdd(key.slice(odds.length));
      const number = chunkAt(ledger, { s, i })?.number;
      if (number !== undefined && done.get(number)?.t === t)
        marks.set(number, [...(marks.get(number) ?? []), { failed, again }]);
    }
    const asked: { readonly chunk: Chunk; readonly t: number }[] = [];
    for (const [number, { t, modified }] of done) {
      const chunk = chunkNumbered(ledger, number);
      if (!chunk) continue;
      if (!isSettled(chunk, marks.get(number) ?? [])) asked.push({ chunk, t });
      else {
        this.#finished.add(number);
        this.#unread.push({ chunk, t, modified });
      }
    }
    for (let at = 0; at < asked.length; at += readsAtATime)
      await Promise.all(asked.slice(at, at + readsAtATime).map(({ chunk, t }) => this.#ask(chunk, t)));
  }

  async #ask(chunk: Chunk, t: number): Promise<void> {
    const known = this.#known.get(chunk.number);
    const summary = known?.t === t ? known.summary : await this.#read(chunk, t);
    if (summary) this.#known.set(chunk.number, { t, summary });
    if (summary && !hasNextTurn(chunk, summary, chunk.submission.grants)) this.#finished.add(chunk.number);
  }

  async #read(chunk: Chunk, t: number) {
    const bytes = await this.#facts.get(this.#keys.done({ s: chunk.s, i: chunk.i, t }));
    // It was listed: if it is not there any more, the session is being removed, which the ledger tells.
    const summary = bytes && parseCommit(bytes).header.turn;
    if (summary) this.#times.add(chunk.submission.id, summary.succeeded + summary.failed, summary.seconds);
    return summary;
  }
}

/** What the name of a mark says of a commit of the turn. It may be of an owner whose commit lost. */
interface Mark {
  readonly failed: number;
  readonly again: number;
}

/**
 * Nothing of a done turn goes on, whichever of its marks is that of its last commit. A mark of an earlier batch tells of less, so
 * that what it leaves out is asked for.
 */
function isSettled({ submission }: Chunk, marks: readonly Mark[]): boolean {
  return marks.every(({ failed, again }) => again === 0 && (failed === 0 || submission.grants.length === 0));
}

/** In order. */
function* openChunks(
  ledger: Ledger,
  counts: (submission: Submission) => boolean,
  finished: ReadonlySet<number>,
): Generator<{ readonly number: number; readonly submission: Submission; readonly tasks: number }> {
  for (const row of ledger.segments) {
    const submission = ledger.submissions[row.submission];
    if (!submission || !counts(submission)) continue;
    for (let i = 0; i * row.chunk < row.count; i++) {
      const number = row.firstChunk + i;
      if (!finished.has(number)) yield { number, submission, tasks: Math.min(row.chunk, row.count - i * row.chunk) };
    }
  }
}

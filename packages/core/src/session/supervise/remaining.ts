import { chunkAt, chunkNumbered } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import { hasNextTurn } from "../../protocol/claim.ts";
import { parseCommit } from "../../protocol/commit.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseDone, parseOdd } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger, Submission } from "../../protocol/ledger.ts";
import type { Runtime } from "../../runtime.ts";
import type { LedgerView } from "../ledger-view.ts";

/** What is left to do, as far as is known. */
export interface Left {
  readonly chunks: number;
  /** More is coming, of unknown size. */
  readonly open: boolean;
}

/** A submission of this client. */
interface OwnWork {
  /** Its inputs, when that is known. */
  readonly count: number | undefined;
  /** Chunks of which all outcomes are read. */
  finished: number;
}

/** Reads of commits at a time. */
const readsAtATime = 8;

/** Who cancels brings what is left to its end. After so long, or a TTL, it is taken not to have come to that; milliseconds. */
const cancelPatience = 30_000;

/**
 * The work that is left in a session. Of this client's submissions its own collecting tells; of others the store does: what is
 * done is listed from the first chunk on that was not, and remembered.
 */
export class RemainingWork {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #view: LedgerView;
  readonly #runtime: Runtime;
  /** When submissions were first seen to be cancelled, on our own clock. */
  readonly #cancelled = new Map<string, number>();
  readonly #own = new Map<string, OwnWork>();
  /** Submissions all of whose outcomes this client has read: of retries, its collecting tells nothing. */
  readonly #settled = new Set<string>();
  /** Running numbers of chunks with nothing left to do; how many retries they knew of. */
  #finished = new Set<number>();
  #grants = 0;

  constructor(facts: Facts, keys: SessionKeys, view: LedgerView, runtime: Runtime) {
    this.#runtime = runtime;
    this.#facts = facts;
    this.#keys = keys;
    this.#view = view;
  }

  /** A submission of this client begins. `count`: its inputs, when that is known. */
  expect(submission: string, count: number | undefined): void {
    this.#own.set(submission, { count, finished: 0 });
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    const work = this.#own.get(submission);
    if (work) work.finished++;
  }

  /** This client cares for the submission no more. */
  forget(id: string): void {
    const work = this.#own.get(id);
    this.#own.delete(id);
    const submission = this.#view.submission(id);
    if (!work || submission?.ended !== true || work.finished < chunksOf(this.#view.current, id)) return;
    this.#settled.add(id);
  }

  /** What this client's submissions have left, by its own count. */
  get own(): Left {
    let chunks = 0;
    let open = false;
    for (const [id, { count, finished }] of this.#own) {
      const submission = this.#view.submission(id);
      if (submission && this.#isOthers(submission)) continue;
      if (submission?.ended === true) {
        chunks += chunksOf(this.#view.current, id) - finished;
        continue;
      }
      // Before they are cut, no chunk has less than one input.
      if (count === undefined) open = true;
      chunks += count ?? 0;
    }
    return { chunks, open };
  }

  /** Submissions of others that may have something left. */
  get others(): readonly Submission[] {
    return this.#view.current.submissions.filter((submission) => this.#isOthers(submission));
  }

  /** Chunks that others' submissions have left, by the store. */
  async ofOthers(): Promise<number> {
    return this.#unfinished((submission) => this.#isOthers(submission));
  }

  /** Something that others submitted, and that nobody cancelled, is not done, or may grow. */
  async othersNeed(): Promise<boolean> {
    const others = this.others.filter(({ cancelled }) => !cancelled);
    if (others.length === 0 || others.some(({ ended }) => !ended)) return others.length > 0;
    return (await this.#unfinished((submission) => others.includes(submission))) > 0;
  }

  /** Chunks that are left of all that the ledger names, by the store. */
  async ofAll(): Promise<number> {
    return this.#unfinished(({ id, grants }) => !this.#settled.has(id) || grants.length > 0);
  }

  /** Of what is tried again, collecting does not tell what is left. */
  #isOthers({ id, cancelled, grants }: Submission): boolean {
    if (cancelled && !this.#isLeftBehind(id)) return false;
    return grants.length > 0 || !(this.#own.has(id) || this.#settled.has(id));
  }

  /** It was cancelled long ago. */
  #isLeftBehind(id: string): boolean {
    const now = this.#runtime.monotonic();
    const since = this.#cancelled.get(id) ?? now;
    this.#cancelled.set(id, since);
    return now - since > Math.max(cancelPatience, this.#view.current.session.ttl);
  }

  async #unfinished(counts: (submission: Submission) => boolean): Promise<number> {
    const ledger = this.#view.current;
    // A grant may start again what had failed.
    if (ledger.grants > this.#grants) this.#finished = new Set();
    this.#grants = ledger.grants;
    const open = [...openChunks(ledger, counts, this.#finished)];
    const [first] = open;
    if (first === undefined) return 0;
    await this.#learn(ledger, first);
    return open.filter((number) => !this.#finished.has(number)).length;
  }

  /** Which chunks from `first` on are done for good. The marks of commits are written before them, so they are listed behind. */
  async #learn(ledger: Ledger, first: number): Promise<void> {
    const start = chunkNumbered(ledger, first);
    if (!start) return;
    const { dones, odds } = this.#keys;
    const name = this.#keys.chunk(start);
    const done = new Map<number, number>();
    for (const { key } of (await listAll(this.#facts, dones, { after: dones + name })).entries) {
      const { s, i, t } = parseDone(key.slice(dones.length));
      const number = chunkAt(ledger, { s, i })?.number;
      if (number !== undefined && !this.#finished.has(number)) done.set(number, Math.max(t, done.get(number) ?? 0));
    }
    if (done.size === 0) return;
    const marks = new Map<number, Mark[]>();
    for (const { key } of (await listAll(this.#facts, odds, { after: odds + name })).entries) {
      const { s, i, t, failed, again } = parseOdd(key.slice(odds.length));
      const number = chunkAt(ledger, { s, i })?.number;
      if (number !== undefined && done.get(number) === t)
        marks.set(number, [...(marks.get(number) ?? []), { failed, again }]);
    }
    const asked: Chunk[] = [];
    for (const number of done.keys()) {
      const chunk = chunkNumbered(ledger, number);
      if (!chunk) continue;
      if (isSettled(chunk, marks.get(number) ?? [])) this.#finished.add(number);
      else asked.push(chunk);
    }
    for (let at = 0; at < asked.length; at += readsAtATime)
      await Promise.all(
        asked.slice(at, at + readsAtATime).map((chunk) => this.#ask(chunk, done.get(chunk.number) ?? 0)),
      );
  }

  async #ask(chunk: Chunk, t: number): Promise<void> {
    const bytes = await this.#facts.get(this.#keys.done({ s: chunk.s, i: chunk.i, t }));
    // It was listed: if it is not there any more, the session is being removed, which the ledger tells.
    const summary = bytes && parseCommit(bytes).header.turn;
    if (summary && !hasNextTurn(chunk, summary, chunk.submission.grants)) this.#finished.add(chunk.number);
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

function* openChunks(
  ledger: Ledger,
  counts: (submission: Submission) => boolean,
  finished: ReadonlySet<number>,
): Generator<number> {
  for (const row of ledger.segments) {
    const submission = ledger.submissions[row.submission];
    if (!submission || !counts(submission)) continue;
    for (let i = 0; i * row.chunk < row.count; i++) if (!finished.has(row.firstChunk + i)) yield row.firstChunk + i;
  }
}

function chunksOf({ submissions, segments }: Ledger, id: string): number {
  const place = submissions.findIndex((submission) => submission.id === id);
  let chunks = 0;
  for (const row of segments) if (row.submission === place) chunks += Math.ceil(row.count / row.chunk);
  return chunks;
}

import { chunkAt } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import { retried } from "../../protocol/claim.ts";
import { parseCommit } from "../../protocol/commit.ts";
import type { TurnSummary } from "../../protocol/commit.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseDone, parseLease, parseOdd, parsePart } from "../../protocol/keys.ts";
import type { SessionKeys, TurnId } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { listChunks } from "../../protocol/list-chunks.ts";
import type { ChunkStart } from "../../protocol/list-chunks.ts";

/** What became of a chunk's tasks so far. */
export interface ChunkTally {
  readonly chunk: Chunk;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** A turn of it is leased and not done. */
  readonly held: boolean;
  /** Failed tasks that a grant starts again and that have no new outcome yet. */
  readonly retried: number;
  /** How often another worker went on with a turn of it, whose owner had ended or fallen silent. */
  readonly takeovers: number;
  /** When its first lease was created, on the store's clock. */
  readonly leased: number;
  /** When its newest turn that is done was: all before is finished since. */
  readonly done: number | undefined;
  /** Outcomes of the turn that runs, and when they were committed. */
  readonly parts: readonly { readonly count: number; readonly modified: number }[];
}

/** The chunks of a session that were ever leased, from the names of objects: some LISTs, whatever its size. */
export async function chunkTallies(facts: Facts, keys: SessionKeys, ledger: Ledger): Promise<ChunkTally[]> {
  const chunks = await listed(facts, keys, ledger);
  const tallies: ChunkTally[] = [];
  for (let at = 0; at < chunks.length; at += sideBySide)
    tallies.push(
      ...(await Promise.all(chunks.slice(at, at + sideBySide).map((one) => tallyOf(facts, keys, ledger, one)))),
    );
  return tallies;
}

/** Chunks of which commits are read at a time, where names don't tell. */
const sideBySide = 32;

interface Listed {
  readonly chunk: Chunk;
  readonly leased: number;
  /** Highest turn that is done, and what its `odd` says of the whole chunk; none: all succeeded. */
  done: number;
  doneAt?: number;
  odd?: Counts;
  /** Turns that had more than one owner. */
  readonly taken: number[];
  turn: number;
  /** Of the turn that runs. */
  readonly parts: (Counts & { readonly count: number; readonly modified: number })[];
}

interface Counts {
  readonly failed: number;
  readonly cancelled: number;
  readonly again: number;
}

const nothing: Counts = { failed: 0, cancelled: 0, again: 0 };

async function listed(facts: Facts, keys: SessionKeys, ledger: Ledger): Promise<Listed[]> {
  const chunks = new Map<string, Listed>();
  for (const { key, modified } of (await listAll(facts, keys.leases)).entries) {
    const { s, i, t, e } = parseLease(key.slice(keys.leases.length));
    const known = chunks.get(`${s}.${i}`) ?? begin(ledger, s, i, modified);
    // A chunk of an entry that was written after this ledger was read.
    if (!known) continue;
    chunks.set(`${s}.${i}`, known);
    known.turn = t;
    if (e > 1) known.taken.push(t);
  }
  for (const { key, modified } of (await listAll(facts, keys.dones)).entries) {
    const { s, i, t } = parseDone(key.slice(keys.dones.length));
    const known = chunks.get(`${s}.${i}`) ?? begin(ledger, s, i, modified);
    if (!known) continue;
    chunks.set(`${s}.${i}`, known);
    known.done = t;
    known.doneAt = modified;
  }
  // What marks a commit is written before it: of each commit that was listed, the listing that follows tells the mark.
  const parts: (ReturnType<typeof parsePart> & { readonly modified: number })[] = [];
  for await (const { key, modified } of listChunks(facts, keys.parts, running(keys, chunks)))
    parts.push({ ...parsePart(key.slice(keys.parts.length)), modified });
  const odds = (await listAll(facts, keys.odds)).entries.map(({ key }) => parseOdd(key.slice(keys.odds.length)));
  for (const odd of odds) {
    const chunk = chunks.get(`${odd.s}.${odd.i}`);
    if (chunk && odd.t === chunk.done) chunk.odd = odd;
  }
  await addParts(facts, keys, parts, chunks, odds);
  return [...chunks.values()];
}

function begin(ledger: Ledger, s: number, i: number, leased: number): Listed | undefined {
  const chunk = chunkAt(ledger, { s, i });
  return chunk && { chunk, leased, done: -1, taken: [], turn: -1, parts: [] };
}

/** In key order: that is how leases were listed. */
function* running(keys: SessionKeys, chunks: ReadonlyMap<string, Listed>): Generator<ChunkStart> {
  for (const { chunk, turn, done } of chunks.values()) if (turn > done) yield { name: keys.chunk(chunk) };
}

/** What the parts of running turns tell by their names, and by their `odd` where they have one. */
async function addParts(
  facts: Facts,
  keys: SessionKeys,
  parts: readonly (ReturnType<typeof parsePart> & { readonly modified: number })[],
  chunks: ReadonlyMap<string, Listed>,
  odds: readonly ReturnType<typeof parseOdd>[],
): Promise<void> {
  if (parts.length === 0) return;
  const marked = new Map(odds.map((odd) => [`${odd.s}.${odd.i}.${odd.t}.${odd.first}`, odd]));
  for (const part of parts) {
    const chunk = chunks.get(`${part.s}.${part.i}`);
    if (!chunk || part.t <= chunk.done) continue;
    const mark = marked.get(`${part.s}.${part.i}.${part.t}.${part.first}`);
    const counts = mark && chunk.taken.includes(part.t) ? await exactPart(facts, keys, part) : mark;
    chunk.parts.push({ ...(counts ?? nothing), count: part.count, modified: part.modified });
  }
}

async function tallyOf(facts: Facts, keys: SessionKeys, ledger: Ledger, listed: Listed): Promise<ChunkTally> {
  const { chunk, leased, done, doneAt, turn, parts } = listed;
  const { before, again } = await beforeTurn(facts, keys, ledger, listed);
  const finals = parts.map(({ count, again: carried, modified }) => ({ count: count - carried, modified }));
  const ended = finals.reduce((sum, { count }) => sum + count, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  const cancelled = parts.reduce((sum, part) => sum + part.cancelled, 0);
  return {
    chunk,
    succeeded: before.succeeded + ended - failed - cancelled,
    failed: before.failed + failed,
    cancelled: before.cancelled + cancelled,
    held: turn > done,
    retried: Math.max(0, again - ended),
    takeovers: listed.taken.length,
    leased,
    done: doneAt,
    parts: finals,
  };
}

/** What the turns that are done came to: without what failed and is started again, of which `again` tells the number. */
async function beforeTurn(facts: Facts, keys: SessionKeys, ledger: Ledger, { chunk, done, odd, taken }: Listed) {
  if (done < 0) return { before: { succeeded: 0, failed: 0, cancelled: 0 }, again: 0 };
  const grants = ledger.submissions[chunk.row.submission]?.grants ?? [];
  const ambiguous = odd !== undefined && taken.includes(done);
  const granted = odd !== undefined && odd.failed > 0 && grants.length > 0;
  // No grant came before the first turn: all that failed in it is started again by one for all.
  const everything = granted && done === 0 && grants.includes("all");
  const summary =
    ambiguous || (granted && !everything)
      ? await summaryOf(facts, keys, { s: chunk.s, i: chunk.i, t: done })
      : undefined;
  const counts = summary ? countsOf(summary) : (odd ?? nothing);
  const again = summary ? retried(chunk, summary, grants).length : everything ? counts.failed : 0;
  return {
    before: {
      succeeded: chunk.count - counts.failed - counts.cancelled - counts.again,
      failed: counts.failed - again,
      cancelled: counts.cancelled,
    },
    again,
  };
}

/** With several epochs an `odd` may be of an owner whose commit lost: the commit itself tells. */
async function summaryOf(facts: Facts, keys: SessionKeys, id: TurnId): Promise<TurnSummary | undefined> {
  const bytes = await facts.get(keys.done(id));
  return bytes && parseCommit(bytes).header.turn;
}

function countsOf({ failedTasks, cancelledTasks, again }: TurnSummary): Counts {
  return { failed: failedTasks.length, cancelled: cancelledTasks, again: again.length };
}

async function exactPart(
  facts: Facts,
  keys: SessionKeys,
  part: ReturnType<typeof parsePart>,
): Promise<Counts | undefined> {
  const bytes = await facts.get(keys.part(part, part));
  if (!bytes) return undefined;
  const { failed, cancelled, again = [] } = parseCommit(bytes).header;
  return { failed, cancelled, again: again.length };
}

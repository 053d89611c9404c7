import { chunkNumbered, grantsOf } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import { parseDone, parseLease, parseOdd, parsePart } from "../../protocol/keys.ts";
import type { LeaseId, Range, TurnId } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { listChunks } from "../../protocol/list-chunks.ts";
import type { ChunkStart } from "../../protocol/list-chunks.ts";
import type { Place } from "../place.ts";
import type { Found } from "./found.ts";
import { hasBatch, toldPositions } from "./told-chunks.ts";
import type { ToldChunks, ToldTurn } from "./told-chunks.ts";

/** What a look lists of one chunk, in key order. */
interface Listed {
  readonly chunk: Chunk;
  readonly leases: (LeaseId & Written)[];
  readonly dones: (TurnId & Written)[];
  readonly parts: (TurnId & Range & Written)[];
  /** Turns and first positions of batches of which more is to be read. */
  readonly odds: { readonly t: number; readonly first: number }[];
}

interface Written {
  readonly at: number;
}

/**
 * Leases and commits that were not told, of the chunks that are not over: a page or more of `done/`, `part/`, `odd/` and `lease/`
 * each, from the first such chunk on. In this order: of each commit that was listed, what it follows from, and its mark, is listed
 * behind it. A lease whose turn before was not listed as done is left to the next look, which sees both; and so is a takeover that may be
 * younger than an end of its turn which was not listed yet.
 */
export async function findWork({ facts, keys, view }: Place, told: ToldChunks): Promise<Found[]> {
  const ledger = view.current;
  if (open(ledger, told).next().done) return [];
  const chunks = new Map<number, Listed>();
  const names = () => named(keys, open(ledger, told));
  let donesAt = Number.POSITIVE_INFINITY;
  const heard = (now: number) => {
    donesAt = Math.min(donesAt, now);
  };
  for await (const { key, modified } of listChunks(facts, keys.dones, names(), heard)) {
    const id = parseDone(key.slice(keys.dones.length));
    listedOf(id)?.dones.push({ ...id, at: modified });
  }
  for await (const { key, modified } of listChunks(facts, keys.parts, names())) {
    const part = parsePart(key.slice(keys.parts.length));
    listedOf(part)?.parts.push({ ...part, at: modified });
  }
  if (chunks.size > 0) {
    for await (const { key } of listChunks(facts, keys.odds, named(keys, inKeyOrder(chunks)))) {
      const { t, first, ...id } = parseOdd(key.slice(keys.odds.length));
      listedOf(id)?.odds.push({ t, first });
    }
  }
  for await (const { key, modified } of listChunks(facts, keys.leases, names())) {
    const id = parseLease(key.slice(keys.leases.length));
    listedOf(id)?.leases.push({ ...id, at: modified });
  }
  return [...chunks.values()].flatMap((one) => [...newsOf(one, told, donesAt)]);

  /** undefined: nothing of it is to be told, or an entry names it that is not read yet. */
  function listedOf({ s, i }: { readonly s: number; readonly i: number }): Listed | undefined {
    const row = ledger.segments[s];
    const number = row && row.firstChunk + i;
    if (number === undefined || told.isOver(number)) return undefined;
    const known = chunks.get(number);
    if (known) return known;
    const chunk = chunkNumbered(ledger, number);
    if (!chunk || isDone(ledger, told, chunk)) return undefined;
    const listed = { chunk, leases: [], dones: [], parts: [], odds: [] };
    chunks.set(number, listed);
    return listed;
  }
}

/** Chunks that are not over, in order. */
function* open(ledger: Ledger, told: ToldChunks): Generator<Chunk> {
  for (let number = told.overUpTo; number < ledger.chunks; number++) {
    if (told.isOver(number)) continue;
    const chunk = chunkNumbered(ledger, number);
    if (chunk && !isDone(ledger, told, chunk)) yield chunk;
  }
}

/** All chunks of the session were told to their end. */
export function isAllTold(ledger: Ledger, told: ToldChunks): boolean {
  return open(ledger, told).next().done === true;
}

function isDone(ledger: Ledger, told: ToldChunks, chunk: Chunk): boolean {
  return told.isDone(chunk.number, () => ({ chunk, grants: grantsOf(ledger, chunk) }));
}

function inKeyOrder(chunks: ReadonlyMap<number, Listed>): Chunk[] {
  return [...chunks.values()].map(({ chunk }) => chunk).sort((a, b) => a.number - b.number);
}

function* named(keys: Place["keys"], chunks: Iterable<Chunk>): Generator<ChunkStart> {
  for (const chunk of chunks) yield { name: keys.chunk(chunk) };
}

/** Turn by turn, each fact behind those that it follows from. @param donesAt Ends of turns that are younger may not be listed. */
function* newsOf(listed: Listed, told: ToldChunks, donesAt: number): Generator<Found> {
  const known = told.turn(listed.chunk.number);
  let after = Number.NEGATIVE_INFINITY;
  for (let t = known.done ? known.t + 1 : known.t; ; t++) {
    const news = [...newsOfTurn(listed, t, t === known.t ? known : nothingYet, { after, donesAt })];
    yield* news;
    const last = news.at(-1);
    if (last?.kind !== "commit" || last.range) return;
    after = last.order;
  }
}

const nothingYet: Pick<ToldTurn, "epochs" | "upTo" | "beyond"> = { epochs: 0, upTo: 0, beyond: new Map() };

/** Leases, parts, and last of all the end of the turn, if it has come. @param when When the turn before ended, and ends were listed. */
function* newsOfTurn(
  { chunk, leases, dones, parts, odds }: Listed,
  t: number,
  told: Pick<ToldTurn, "epochs" | "upTo" | "beyond">,
  { after, donesAt }: { readonly after: number; readonly donesAt: number },
): Generator<Found> {
  const { number } = chunk;
  const done = dones.find((one) => one.t === t);
  let { epochs } = told;
  let begun = after;
  let leased = after;
  for (const lease of leases) {
    if (lease.t !== t || lease.e !== epochs + 1) continue;
    // What follows from it waits as well.
    if (lease.e > 1 && !done && latest(lease.at) > donesAt) return;
    epochs = lease.e;
    const late = epochs > 1 && done !== undefined && lease.at > done.at;
    // Whether it was in vain or a clock went back, nothing of a turn is told behind its end.
    leased = Math.max(leased, late ? done.at : lease.at);
    if (epochs === 1) begun = leased;
    yield { kind: "lease", chunk: number, ...lease, late, order: leased };
  }
  if (epochs === 0) return;
  const marks = odds.filter((odd) => odd.t === t);
  let positions = toldPositions(told);
  let last = begun;
  for (const { s, i, t: turn, first, count, at } of parts) {
    if (turn !== t || hasBatch(told, first)) continue;
    positions += count;
    const order = Math.max(begun, at);
    last = Math.max(last, order);
    const odd = marks.some((mark) => mark.first === first);
    yield { kind: "commit", chunk: number, s, i, t, range: { first, count }, odd, at, order };
  }
  if (!done) return;
  // How many tasks a later turn has is in its lease only, and how the chunk ended in the commit.
  const size = t === 0 ? { count: chunk.count - positions } : {};
  const odd = t > 0 || marks.length > 0;
  yield { kind: "commit", chunk: number, ...done, ...size, odd, order: Math.max(leased, last, done.at) };
}

/** When what was written then, as the store tells, was at the latest: a time in whole seconds may be rounded down. */
function latest(at: number): number {
  return at % 1000 === 0 ? at + 1000 : at;
}

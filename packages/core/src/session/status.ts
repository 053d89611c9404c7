import { listAll } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import { parseCommit } from "../protocol/commit.ts";
import { parseDone, parseLease, parseOdd, parsePart } from "../protocol/keys.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import { listChunks } from "../protocol/list-chunks.ts";
import type { ChunkStart } from "../protocol/list-chunks.ts";
import { chunkAt } from "../protocol/chunk.ts";
import { stateOf } from "../protocol/fold.ts";
import type { Ledger, SessionState } from "../protocol/ledger.ts";
import type { LedgerView } from "./ledger-view.ts";

export interface SessionStatus {
  /** `done`: every submission ended and every task has its outcome. */
  readonly state: SessionState | "done";
  readonly name?: string | undefined;
  /** Milliseconds since the epoch, on the store's clock. */
  readonly created: number;
  readonly tasks: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Tasks of leased chunks that have no outcome yet. */
  readonly running: number;
  readonly pending: number;
  /** Workers that were born and are not gone. */
  readonly workers: number;
  readonly paused?: string | undefined;
}

/** Counts of a session from the names of its objects: some LISTs, whatever its size. */
export async function readStatus(facts: Facts, keys: SessionKeys, view: LedgerView): Promise<SessionStatus> {
  await view.follow();
  const ledger = view.current;
  const chunks = await tally(facts, keys, ledger);
  const { succeeded, failed, cancelled, held } = chunks;
  const finals = succeeded + failed + cancelled;
  const state = stateOf(ledger);
  const over = (state === "ended" || state === "cancelled") && finals === ledger.tasks;
  return {
    state: over && state === "ended" ? "done" : state,
    ...(ledger.session.name === undefined ? {} : { name: ledger.session.name }),
    created: ledger.session.created,
    tasks: ledger.tasks,
    succeeded,
    failed,
    cancelled,
    running: held,
    pending: ledger.tasks - finals - held,
    workers: await aliveWorkers(facts, keys),
    ...(ledger.paused ? { paused: ledger.paused.message } : {}),
  };
}

interface ChunkTally {
  /** Highest turn that is done, and what its `odd` says of the whole chunk; none: all succeeded. */
  done: number;
  odd?: { readonly t: number; readonly failed: number; readonly cancelled: number; readonly again: number };
  /** Turns that had more than one owner. */
  taken: number[];
  turn: number;
  /** Of the turn that runs. */
  parts: { succeeded: number; failed: number; cancelled: number };
}

async function tally(facts: Facts, keys: SessionKeys, ledger: Ledger) {
  const chunks = new Map<string, ChunkTally>();
  const at = (s: number, i: number) => {
    const name = `${s}.${i}`;
    const known = chunks.get(name) ?? {
      done: -1,
      taken: [],
      turn: -1,
      parts: { succeeded: 0, failed: 0, cancelled: 0 },
    };
    chunks.set(name, known);
    return known;
  };
  for (const { key } of (await listAll(facts, keys.leases)).entries) {
    const { s, i, t, e } = parseLease(key.slice(keys.leases.length));
    const chunk = at(s, i);
    chunk.turn = t;
    if (e > 1) chunk.taken.push(t);
  }
  for (const { key } of (await listAll(facts, keys.dones)).entries) {
    const { s, i, t } = parseDone(key.slice(keys.dones.length));
    at(s, i).done = t;
  }
  // What marks a commit is written before it: of each commit that was listed, the listing that follows tells the mark.
  const parts: ReturnType<typeof parsePart>[] = [];
  for await (const { key } of listChunks(facts, keys.parts, running(keys, chunks)))
    parts.push(parsePart(key.slice(keys.parts.length)));
  const odds = (await listAll(facts, keys.odds)).entries.map(({ key }) => parseOdd(key.slice(keys.odds.length)));
  for (const odd of odds) {
    const chunk = at(odd.s, odd.i);
    if (odd.t === chunk.done) chunk.odd = odd;
  }
  await addParts(facts, keys, parts, at, odds);
  return sum(facts, keys, ledger, chunks);
}

/** In key order: that is how leases were listed. */
function* running(keys: SessionKeys, chunks: ReadonlyMap<string, ChunkTally>): Generator<ChunkStart> {
  for (const [name, chunk] of chunks) {
    const [s = 0, i = 0] = name.split(".").map(Number);
    if (chunk.turn > chunk.done) yield { name: keys.chunk({ s, i }) };
  }
}

/** What the parts of running turns tell by their names, and by their `odd` where they have one. */
async function addParts(
  facts: Facts,
  keys: SessionKeys,
  parts: readonly ReturnType<typeof parsePart>[],
  at: (s: number, i: number) => ChunkTally,
  odds: readonly ReturnType<typeof parseOdd>[],
): Promise<void> {
  if (parts.length === 0) return;
  const marked = new Map(odds.map((odd) => [`${odd.s}.${odd.i}.${odd.t}.${odd.first}`, odd]));
  for (const part of parts) {
    const chunk = at(part.s, part.i);
    if (part.t <= chunk.done) continue;
    const mark = marked.get(`${part.s}.${part.i}.${part.t}.${part.first}`);
    const odd = mark && chunk.taken.includes(part.t) ? await exactPart(facts, keys, part) : mark;
    const { failed, cancelled, again } = odd ?? { failed: 0, cancelled: 0, again: 0 };
    chunk.parts.failed += failed;
    chunk.parts.cancelled += cancelled;
    chunk.parts.succeeded += part.count - failed - cancelled - again;
  }
}

async function sum(facts: Facts, keys: SessionKeys, ledger: Ledger, chunks: ReadonlyMap<string, ChunkTally>) {
  const totals = { succeeded: 0, failed: 0, cancelled: 0, held: 0 };
  for (const [name, chunk] of chunks) {
    const [s = 0, i = 0] = name.split(".").map(Number);
    const count = chunkAt(ledger, { s, i })?.count;
    // A chunk of an entry that was written after this ledger was read.
    if (count === undefined) continue;
    const odd =
      chunk.odd && chunk.taken.includes(chunk.done) ? await exact(facts, keys, { s, i, t: chunk.done }) : chunk.odd;
    const before =
      chunk.done < 0
        ? { failed: 0, cancelled: 0, succeeded: 0 }
        : {
            failed: odd?.failed ?? 0,
            cancelled: odd?.cancelled ?? 0,
            succeeded: count - (odd?.failed ?? 0) - (odd?.cancelled ?? 0) - (odd?.again ?? 0),
          };
    totals.succeeded += before.succeeded + chunk.parts.succeeded;
    totals.failed += before.failed + chunk.parts.failed;
    totals.cancelled += before.cancelled + chunk.parts.cancelled;
    if (chunk.turn > chunk.done)
      totals.held +=
        count -
        before.succeeded -
        before.failed -
        before.cancelled -
        chunk.parts.succeeded -
        chunk.parts.failed -
        chunk.parts.cancelled;
  }
  return totals;
}

/** With several epochs an `odd` may be of an owner whose commit lost: the commit itself tells. */
async function exact(facts: Facts, keys: SessionKeys, id: { s: number; i: number; t: number }) {
  const bytes = await facts.get(keys.done(id));
  const turn = bytes && parseCommit(bytes).header.turn;
  return turn && { failed: turn.failedTasks.length, cancelled: turn.cancelledTasks, again: turn.again.length };
}

async function exactPart(facts: Facts, keys: SessionKeys, part: ReturnType<typeof parsePart>) {
  const bytes = await facts.get(keys.part(part, part));
  if (!bytes) return undefined;
  const { failed, cancelled, again = [] } = parseCommit(bytes).header;
  return { failed, cancelled, again: again.length };
}

/** Workers that were born and did not say, nor is it said of them, that they are gone. */
export async function aliveWorkers(facts: Facts, keys: SessionKeys): Promise<number> {
  const gone = new Set(
    (await listAll(facts, keys.gones)).entries.map(({ key }) =>
      key.slice(keys.gones.length).split(".").slice(0, 3).join("."),
    ),
  );
  const born = new Map<string, string>();
  for (const { key } of (await listAll(facts, keys.births)).entries) {
    const [n = "0", j = "0", k = "0"] = key.slice(keys.births.length).split(".");
    born.set(`${Number(n)}.${Number(j)}`, k);
  }
  return [...born].filter(([worker, life]) => !gone.has(`${worker}.${life}`)).length;
}

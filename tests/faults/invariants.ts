import { grantsOf, inputsKey, itemAt, itemCount, parseInputs } from "@skyburst/core/protocol";
import type { Chunk, Item, OutcomeLine } from "@skyburst/core/protocol";
import type { StateStore } from "@skyburst/core";
import { batchesOfTurn, readSessionObjects, storeAt } from "./session-objects.ts";
import type { Place, SessionObjects, StoredCommit } from "./session-objects.ts";

export interface CheckOptions {
  /** Every task has to have its outcome. Default true. */
  readonly finished?: boolean;
  /** Every worker has ended. Default true. */
  readonly ended?: boolean;
}

/** What the store holds of a session that keeps the protocol: one outcome per task, by its number in the session. */
export type Outcomes = ReadonlyMap<number, OutcomeLine>;

/**
 * Reads all objects of a session and checks them against the invariants of the protocol.
 *
 * @throws {Error} that lists every violation.
 */
export async function checkSession(
  place: Place,
  session: string,
  { finished = true, ended = true }: CheckOptions = {},
): Promise<Outcomes> {
  const objects = await readSessionObjects(place, session);
  const wrong: string[] = [];
  const outcomes = new Map<number, OutcomeLine>();
  checkLeases(objects, wrong);
  for (const commit of objects.commits) checkCommit(objects, commit, wrong);
  for (const chunk of objects.chunks) checkChunk(objects, chunk, outcomes, finished, wrong);
  checkLogs(objects, wrong);
  await checkInputs(objects, storeAt(place), wrong);
  if (ended) checkLives(objects, wrong);
  if (wrong.length > 0) throw new Error(`Session ${session} breaks the protocol:\n${wrong.slice(0, 20).join("\n")}`);
  return outcomes;
}

/** Epochs and turns without gaps; what epoch 1 fixed is copied. */
function checkLeases({ keys, leases }: SessionObjects, wrong: string[]): void {
  for (const [key, { id, lease }] of leases) {
    if (lease.epoch !== id.e) wrong.push(`${key} says epoch ${lease.epoch}.`);
    if (id.e === 1) continue;
    const before = leases.get(keys.lease({ ...id, e: id.e - 1 }))?.lease;
    if (!before) wrong.push(`${key} follows no epoch ${id.e - 1}.`);
    else if (text([before.items, before.cut, before.grant]) !== text([lease.items, lease.cut, lease.grant]))
      wrong.push(`${key} computed items, cut or grant again.`);
    else if (lease.crashes + lease.losses < before.crashes + before.losses) wrong.push(`${key} forgot deaths.`);
  }
}

function checkCommit(objects: SessionObjects, commit: StoredCommit, wrong: string[]): void {
  const { keys, leases, odds, sizes } = objects;
  const { key, range, lines } = commit;
  const { header } = commit.commit;
  const lease = leases.get(keys.lease({ ...commit, e: header.epoch }))?.lease;
  if (lease?.owner !== header.worker)
    wrong.push(`${key} was committed by ${header.worker} at epoch ${header.epoch}, whose lease is of ${lease?.owner}.`);
  const batches = batchesOfTurn(objects, commit);
  const place = batches.findIndex((batch) => batch.first === range.first && batch.count === range.count);
  if (place < 0) wrong.push(`${key} is no batch of its turn.`);
  if ((place === batches.length - 1) !== (header.turn !== undefined))
    wrong.push(`${key} is ${header.turn ? "" : "not "}the end of its turn.`);
  const of = (status: OutcomeLine["status"]) => lines.filter((line) => line.status === status).length;
  if (
    text([of("succeeded"), of("failed"), of("cancelled")]) !== text([header.succeeded, header.failed, header.cancelled])
  )
    wrong.push(`${key} counts other outcomes than it holds.`);
  const { turn } = header;
  const counts = turn
    ? { failed: turn.failedTasks.length, cancelled: turn.cancelledTasks, again: turn.again.length }
    : { failed: header.failed, cancelled: header.cancelled, again: header.again?.length ?? 0 };
  const odd = keys.odd({ ...commit, e: header.epoch }, range, counts);
  if (counts.failed + counts.cancelled + counts.again > 0 && !odds.has(odd))
    wrong.push(`${key} is not wholly successful, and ${odd} is missing.`);
  if (turn)
    for (const batch of batches.slice(0, -1))
      if (!sizes.has(keys.part(commit, batch))) wrong.push(`${key} is there before ${keys.part(commit, batch)}.`);
  for (const line of lines) {
    if (line.status !== "succeeded" || !line.blob) continue;
    if (sizes.get(line.blob.key) !== line.blob.bytes)
      wrong.push(`${key} refers to ${line.blob.key}, which is not there as it says.`);
  }
}

/** Each item of a done batch has one outcome, or goes on; each task ends once. */
function checkChunk(
  objects: SessionObjects,
  chunk: Chunk,
  outcomes: Map<number, OutcomeLine>,
  finished: boolean,
  wrong: string[],
): void {
  const { keys, leases, commits } = objects;
  const { s, i } = chunk;
  const name = keys.chunk(chunk);
  const mine = commits.filter((commit) => commit.s === s && commit.i === i);
  let expected: readonly Item[] | undefined = Array.from({ length: chunk.count }, (_, offset) => ({
    offset,
    attempt: 1,
  }));
  const failed = new Set<number>();
  let granted = 0;
  for (let t = 0; leases.has(keys.lease({ s, i, t, e: 1 })); t++) {
    const { items = 0, grant = 0 } = leases.get(keys.lease({ s, i, t, e: 1 }))?.lease ?? {};
    const restarted = t === 0 ? [] : named(objects, chunk, failed, { from: granted, to: grant });
    for (const offset of restarted) {
      failed.delete(offset);
      outcomes.delete(chunk.task + offset);
    }
    if (restarted.length > 0)
      expected = [...(expected ?? []), ...restarted.map((offset) => ({ offset, attempt: 1 }))].sort(
        (a, b) => a.offset - b.offset,
      );
    granted = grant;
    const all = Array.from({ length: itemCount(items) }, (_, position) => itemAt(items, position));
    if (expected && text(all) !== text(expected))
      wrong.push(`Turn ${t} of chunk ${name} has other items than were carried over.`);
    if (!expected || all.length === 0) wrong.push(`Turn ${t} of chunk ${name} was opened for nothing.`);
    expected = undefined;
    for (const { key, range, lines, commit, t: turn } of mine) {
      if (turn !== t) continue;
      const here = all.slice(range.first, range.first + range.count);
      const again = commit.header.again ?? [];
      const settled = [...lines.map(({ index }) => index - chunk.index), ...again.map(({ offset }) => offset)].sort(
        (a, b) => a - b,
      );
      if (text(settled) !== text(here.map(({ offset }) => offset)))
        wrong.push(`${key} settles ${text(settled)} of the items ${text(here.map(({ offset }) => offset))}.`);
      for (const line of lines) {
        addOutcome(chunk, line, here, outcomes, key, wrong);
        if (line.status === "failed") failed.add(line.task - chunk.task);
      }
      if (commit.header.turn) expected = commit.header.turn.again;
    }
    if (expected?.length === 0) expected = undefined;
    else if (!expected && finished) wrong.push(`Turn ${t} of chunk ${name} never ended.`);
  }
  if (!finished) return;
  const left = named(objects, chunk, failed, { from: granted });
  if (left.length > 0) wrong.push(`Chunk ${name} ran ${left.length} failed tasks not again that a retry names.`);
  if (expected) wrong.push(`Chunk ${name} left ${expected.length} items without a turn.`);
  for (let task = chunk.task; task < chunk.task + chunk.count; task++)
    if (!outcomes.has(task)) wrong.push(`Task ${task} has no outcome.`);
}

/** Which of these offsets the chunk's retry grants of a range name. */
function named(
  { ledger }: SessionObjects,
  chunk: Chunk,
  offsets: ReadonlySet<number>,
  { from, to }: { readonly from: number; readonly to?: number },
): number[] {
  const grants = grantsOf(ledger, chunk).slice(from, to);
  const names = (task: number) => grants.some((grant) => grant === "all" || grant.includes(task));
  return [...offsets].filter((offset) => names(chunk.task + offset)).sort((a, b) => a - b);
}

function addOutcome(
  chunk: Chunk,
  line: OutcomeLine,
  items: readonly Item[],
  outcomes: Map<number, OutcomeLine>,
  key: string,
  wrong: string[],
): void {
  if (outcomes.has(line.task)) wrong.push(`${key} holds a second outcome of task ${line.task}.`);
  outcomes.set(line.task, line);
  if (line.task - chunk.task !== line.index - chunk.index)
    wrong.push(`${key} gives task ${line.task} the index ${line.index}.`);
  const item = items.find(({ offset }) => offset === line.index - chunk.index);
  const attempts = line.status === "cancelled" ? (item?.attempt ?? 0) - 1 : item?.attempt;
  if (line.attempts !== attempts)
    wrong.push(`${key} says ${line.attempts} attempts of task ${line.task}, which was at ${attempts}.`);
}

/** Logs without gaps, and whole before the outcome of their attempt. */
function checkLogs({ keys, logs, commits, chunks }: SessionObjects, wrong: string[]): void {
  for (const { id, pieces, ended } of logs.values()) {
    let at = 0;
    for (const piece of pieces) {
      if (piece.at !== at) wrong.push(`${keys.logsOf(id)} has a gap at ${at}.`);
      at = piece.at + piece.bytes;
    }
    const index = (chunks.find(({ s, i }) => s === id.s && i === id.i)?.index ?? 0) + id.offset;
    for (const { s, i, t, key, lines, commit } of commits) {
      if (s !== id.s || i !== id.i || t !== id.t || commit.header.epoch !== id.e) continue;
      const ride = commit.header.logs?.find(({ offset, attempt }) => offset === id.offset && attempt === id.attempt);
      if (ride && ride.at !== at)
        wrong.push(`${keys.logsOf(id)} ends at ${at}, and what rides in ${key} begins at ${ride.at}.`);
      const told = lines.some(
        (line) => line.index === index && line.attempts === id.attempt && line.status !== "cancelled",
      );
      const retried = commit.header.again?.some(({ offset, attempt }) => offset === id.offset && attempt > id.attempt);
      if ((told || retried) && !ended)
        wrong.push(`${keys.logsOf(id)} has no end mark, though ${key} tells its outcome.`);
    }
  }
}

/** What inputs refer to is there. */
async function checkInputs({ keys, ledger, sizes }: SessionObjects, store: StateStore, wrong: string[]): Promise<void> {
  for (const row of ledger.segments) {
    const submission = ledger.submissions[row.submission]?.id ?? "";
    const key = inputsKey(keys, submission, row);
    const body = await store.get(key);
    if (!body) {
      wrong.push(`${key} is named by the ledger and not there.`);
      continue;
    }
    const segment = parseInputs(body, submission, row);
    const lines = Buffer.from(segment.lines).toString().split("\n").slice(0, -1);
    if (segment.count !== row.count || lines.length !== row.count)
      wrong.push(`${key} holds ${lines.length} inputs; the ledger says ${row.count}.`);
    for (const position of segment.rich) {
      const { blob, bytes } = JSON.parse(lines[position] ?? "{}") as {
        readonly blob?: string;
        readonly bytes?: number;
      };
      if (blob !== undefined && sizes.get(keys.inputBlob(blob)) !== bytes)
        wrong.push(`${key} refers to the blob ${blob}, which is not there.`);
    }
  }
}

/** Every life that began is declared over. */
function checkLives({ born, gone }: SessionObjects, wrong: string[]): void {
  for (const [key, incarnation] of born)
    if (!gone.has(incarnation)) wrong.push(`${key} is of ${incarnation}, which was never declared gone.`);
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

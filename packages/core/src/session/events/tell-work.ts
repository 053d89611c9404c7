import { chunkAt } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import { readLease } from "../../protocol/claim.ts";
import { parseCommit } from "../../protocol/commit.ts";
import type { Commit, OutcomeLine, TurnSummary } from "../../protocol/commit.ts";
import type { Facts } from "../../protocol/facts.ts";
import { itemCount } from "../../protocol/items.ts";
import type { LeaseId, SessionKeys } from "../../protocol/keys.ts";
import { parseJson } from "../../protocol/lines.ts";
import type { Json } from "../../store.ts";
import { offsetOf, splitLines } from "../collect/outcome-bytes.ts";
import type { Place } from "../place.ts";
import type { EventOutcome, SessionEvent } from "./event.ts";
import { keyOf } from "./found.ts";
import type { Found } from "./found.ts";
import type { Left } from "./told-chunks.ts";
import { workerName } from "./worker-name.ts";

type WorkFact = Extract<Found, { readonly kind: "lease" | "commit" }>;

/** A fact's events, and of the last commit of a turn what that leaves. */
export interface Telling {
  readonly events: readonly SessionEvent[];
  readonly left?: Left | undefined;
}

/** @param outcomes Read every commit, and tell what became of each task. */
export async function tellWork(place: Place, found: WorkFact, outcomes: boolean): Promise<Telling> {
  const chunk = chunkAt(place.view.current, found);
  if (!chunk) return { events: [] };
  if (found.kind === "lease") return tellLease(place, found, chunk);
  const { range, odd } = found;
  const count = outcomes ? undefined : (range?.count ?? found.count);
  if (!odd && count !== undefined) return { events: [wholeCommit(found, chunk, count)] };
  const body = await place.facts.get(keyOf(place.keys, found));
  // It was listed: whoever removed the session has taken it away meanwhile.
  if (!body) return { events: [] };
  const commit = parseCommit(body);
  const { turn } = commit.header;
  const left = turn && leftBy(turn);
  // A lost owner's mark may come long after the commit that counts: who read it sooner had nothing to read it for.
  if (count !== undefined && !isOdd(commit)) return { events: [wholeCommit(found, chunk, count)], left };
  const events = [...tellCommit(commit, found, chunk, await attemptsBefore(place, found, commit), outcomes)];
  return { events, left };
}

/** All that is told of a commit of which the name says it all. */
function wholeCommit(found: WorkFact, chunk: Chunk, succeeded: number): SessionEvent {
  const { at, t: turn } = found;
  // The last batch of a turn ends with the last of its tasks.
  const position = found.kind === "commit" && found.range ? found.range.first : chunk.count - succeeded;
  const committed = {
    type: "committed" as const,
    at,
    chunk: chunk.number,
    turn,
    first: firstTask(chunk, turn, position),
  };
  return { ...committed, tasks: succeeded, succeeded, failed: 0, cancelled: 0, again: 0 };
}

/** What a position means in a later turn is in its lease only. */
function firstTask(chunk: Chunk, turn: number, position: number): number {
  return chunk.task + (turn === 0 ? position : 0);
}

/** Whether its owner marked it, which is before it is there. */
function isOdd({ header: { failed, cancelled, again = [], logs = [], turn } }: Commit): boolean {
  const lost = logs.some(({ dropped }) => dropped !== undefined);
  if (lost || failed + cancelled + again.length > 0) return true;
  return turn !== undefined && turn.failedTasks.length + turn.cancelledTasks + turn.again.length > 0;
}

async function tellLease(
  { facts, keys }: Place,
  { kind: _, at, order: __, chunk: number, late, ...id }: Extract<WorkFact, { readonly kind: "lease" }>,
  chunk: Chunk,
): Promise<Telling> {
  const { t: turn, e: epoch } = id;
  const leased = { type: "leased" as const, at, chunk: number, first: chunk.task };
  // A chunk's first lease is all of it; nearly every lease is one.
  if (turn === 0 && epoch === 1) return { events: [{ ...leased, tasks: chunk.count, turn, epoch, because: "new" }] };
  const lease = await readLease(facts, keys, id);
  if (!lease || (late && (await isInVain(facts, keys, id)))) return { events: [] };
  const { items, because, owner } = lease;
  return { events: [{ ...leased, tasks: itemCount(items), turn, epoch, because, worker: workerName(owner) }] };
}

/** A turn that is taken over when it is done, as from an owner that only seemed lost: nothing follows from it. */
async function isInVain(facts: Facts, keys: SessionKeys, id: LeaseId): Promise<boolean> {
  const body = await facts.get(keys.done(id));
  return body === undefined || parseCommit(body).header.epoch < id.e;
}

function leftBy({ again, failedTasks, grant }: TurnSummary): Left {
  return { again: again.length > 0, failed: failedTasks.length > 0, grant };
}

/** Number of the attempt that each item of the commit's turn began with, by offset; undefined: all with their first. */
async function attemptsBefore(
  { facts, keys }: Place,
  { t, s, i }: WorkFact,
  { header }: Commit,
): Promise<ReadonlyMap<number, number> | undefined> {
  if (t === 0 || !header.again?.some(({ attempt }) => attempt > 1)) return undefined;
  const items = (await readLease(facts, keys, { s, i, t, e: 1 }))?.items;
  return typeof items === "object" ? new Map(items.map(({ offset, attempt }) => [offset, attempt])) : undefined;
}

function* tellCommit(
  { header, lines }: Commit,
  { at, t }: WorkFact,
  chunk: Chunk,
  before: ReadonlyMap<number, number> | undefined,
  wanted: boolean,
): Generator<SessionEvent> {
  const { succeeded, failed, cancelled, again = [], failures = [], logs = [], worker, seconds } = header;
  const failedOffsets = new Set(failures);
  const read = wanted || failedOffsets.size > 0 ? [...splitLines(lines)] : [];
  yield {
    type: "committed",
    at,
    chunk: chunk.number,
    turn: t,
    first: firstTask(chunk, t, header.first),
    tasks: header.count,
    succeeded,
    failed,
    cancelled,
    again: again.length,
    worker: workerName(worker),
    ...(seconds === undefined ? {} : { seconds }),
    ...(wanted ? { outcomes: read.map(outcomeOf) } : {}),
  };
  for (const line of read) {
    if (!failedOffsets.has(offsetOf(line, chunk.index))) continue;
    const outcome = parseJson(line) as OutcomeLine;
    if (outcome.status !== "failed") continue;
    const { task, attempts: attempt, blame, error } = outcome;
    yield { type: "failed", at, task, attempt, blame, error: errorText(error), seconds: outcome.seconds };
  }
  for (const { offset, attempt, blame = "user", error = null } of again) {
    // What is carried over for another reason than its failure begins with the same attempt again.
    if (attempt <= (before?.get(offset) ?? 1)) continue;
    yield { type: "retried", at, task: chunk.task + offset, attempt: attempt - 1, blame, error: errorText(error) };
  }
  for (const { offset, attempt, dropped } of logs)
    if (dropped !== undefined) yield { type: "log-dropped", at, task: chunk.task + offset, attempt, bytes: dropped };
}

function outcomeOf(line: Uint8Array): EventOutcome {
  const outcome = parseJson(line) as OutcomeLine;
  const { index, task, status, attempts, seconds } = outcome;
  return { index, task, status, attempts, seconds, ...(outcome.status === "failed" ? { blame: outcome.blame } : {}) };
}

/** Name and message, of which nobody reads more in an event. */
const longestError = 1000;

function errorText(error: Json): string {
  const { name = "Error", message = "" } = (error ?? {}) as { readonly name?: string; readonly message?: string };
  const text = message === "" ? name : `${name}: ${message}`;
  return text.length > longestError ? `${text.slice(0, longestError)}…` : text;
}

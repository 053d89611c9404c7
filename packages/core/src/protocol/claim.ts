import { batchesOf, cutFor } from "./cut.ts";
import { parseCommit } from "./commit.ts";
import type { TurnSummary } from "./commit.ts";
import type { Grant } from "./ledger.ts";
import type { Facts } from "./facts.ts";
import { itemCount } from "./items.ts";
import type { Items } from "./items.ts";
import { parseTry } from "./keys.ts";
import type { LeaseId, SessionKeys, TurnId } from "./keys.ts";
import { leaseBody, parseLeaseBody, takeover } from "./lease.ts";
import type { Lease, Loss } from "./lease.ts";
import { neededMemory } from "./needed-memory.ts";
import type { Chunk } from "./chunk.ts";
import { Turn } from "./turn.ts";

/** Who claims, and what it knows of the work. */
export interface Claimer {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly owner: string;
  /** Milliseconds of work per batch. */
  readonly commitInterval: number;
  /** Retry grants of the chunk's submission, as the newest ledger that was read tells. */
  grants(chunk: Chunk): readonly Grant[];
  /** Measured seconds per task of the chunk's submission. */
  seconds(chunk: Chunk): number | undefined;
  /** Measured bytes per outcome line of the chunk's submission. Default: nothing was measured. */
  bytes?(chunk: Chunk): number | undefined;
  /**
   * Nothing may be leased any more, as far as is known by now, since the session is removed or a limit is reached: what was asked
   * before a lease may have taken long. Default: never.
   */
  isStopped?(): boolean;
  /** Bytes that it has for tasks. Default: nobody has set it a limit. */
  readonly memory?: number | undefined;
  /** It leaves a turn of the chunk to others, since that needs so many bytes. */
  lacks?(chunk: Chunk, memory: number): void;
}

/** Leases the first turn of a chunk. undefined: somebody has it already. */
export async function claimFresh(claimer: Claimer, chunk: Chunk): Promise<Turn | undefined> {
  return openTurn(
    claimer,
    chunk,
    { t: 0, items: chunk.count, because: "new", grant: 0, crashes: 0, losses: 0 },
    undefined,
  );
}

/** Whether a turn that is done leaves anything for another one. */
export function hasNextTurn(chunk: Chunk, summary: TurnSummary, grants: readonly Grant[]): boolean {
  return summary.again.length > 0 || retried(chunk, summary, grants).length > 0;
}

/** Offsets of failed tasks of a done turn that grants which it didn't know start again. */
export function retried(chunk: Chunk, summary: TurnSummary, grants: readonly Grant[]): readonly number[] {
  const { failedTasks, grant } = summary;
  const newer = failedTasks.length === 0 ? [] : grants.slice(grant);
  if (newer.length === 0 || newer.includes("all")) return newer.length === 0 ? [] : failedTasks;
  const named = new Set(newer.flat());
  return failedTasks.filter((offset) => named.has(chunk.task + offset));
}

/**
 * Leases the turn after a done one. Its items are what that one carried over; after a retry grant, the failed tasks too,
 * from attempt 1.
 */
export async function claimNext(
  claimer: Claimer,
  chunk: Chunk,
  done: TurnId,
  summary: TurnSummary,
): Promise<Turn | undefined> {
  const grants = claimer.grants(chunk);
  const started = retried(chunk, summary, grants).map((offset) => ({ offset, attempt: 1 }));
  const granted = started.length > 0;
  const items = [...summary.again, ...started].sort((a, b) => a.offset - b.offset);
  if (items.length === 0) return undefined;
  const counts = {
    crashes: summary.crashes ?? 0,
    losses: summary.losses ?? 0,
    ...(summary.suspects ? { suspects: summary.suspects } : {}),
  };
  const opening = {
    t: done.t + 1,
    items,
    because: granted ? ("grant" as const) : ("again" as const),
    grant: granted ? grants.length : summary.grant,
    ...counts,
  };
  if (!suffices(claimer, chunk, opening)) return undefined;
  return openTurn(claimer, chunk, opening, summary);
}

/**
 * From this turn on every batch is one task. A batch of one is never carried over for its size or its time, so that the
 * turns of a chunk are bounded by its tasks' attempts, however wrong the estimates are.
 */
const singleFromTurn = 20;

/** Whether what an item needs of memory is there. What is cancelled runs nowhere. */
function suffices(
  { memory = Number.POSITIVE_INFINITY, lacks }: Claimer,
  chunk: Chunk,
  turn: Pick<Lease, "items" | "suspects">,
): boolean {
  const { options, cancelled } = chunk.submission;
  const needed = cancelled ? 0 : neededMemory(turn, options);
  if (needed <= memory) return true;
  lacks?.(chunk, needed);
  return false;
}

/** What of the claimer its lease tells: its memory, where that matters to who comes after it. */
function ownerOf({ owner, memory }: Claimer, { submission }: Chunk): Pick<Lease, "owner" | "memory"> {
  return memory === undefined || !submission.options.memoryOnOom ? { owner } : { owner, memory };
}

type Opening = Pick<Lease, "items" | "because" | "grant" | "crashes" | "losses" | "suspects"> & { readonly t: number };

async function openTurn(
  claimer: Claimer,
  chunk: Chunk,
  opening: Opening,
  before: TurnSummary | undefined,
): Promise<Turn | undefined> {
  const { t, ...rest } = opening;
  const id: LeaseId = { s: chunk.s, i: chunk.i, t, e: 1 };
  const lease: Lease = {
    v: 1,
    ...ownerOf(claimer, chunk),
    epoch: 1,
    cut: cut(claimer, chunk, t, opening.items),
    ...rest,
  };
  if (!(await isLeased(claimer, id, lease))) return undefined;
  return new Turn(claimer.facts, claimer.keys, chunk, id, lease, before);
}

/** false: somebody else has it, or nothing is leased any more. */
async function isLeased({ facts, keys, isStopped }: Claimer, id: LeaseId, lease: Lease): Promise<boolean> {
  if (isStopped?.() === true) return false;
  return facts.create(keys.lease(id), leaseBody(lease), { exclusive: true });
}

function cut(claimer: Claimer, chunk: Chunk, t: number, items: Items): readonly number[] {
  if (t >= singleFromTurn) return [1];
  const measured = { seconds: claimer.seconds(chunk), bytes: claimer.bytes?.(chunk) };
  return cutFor(itemCount(items), measured, claimer.commitInterval, chunk.submission.options.concurrency);
}

/** Takes a turn over whose owner is no more. undefined: somebody was faster. */
export async function claimFromLost(
  claimer: Claimer,
  chunk: Chunk,
  held: LeaseId,
  loss: Loss,
): Promise<Turn | undefined> {
  // Asked only now that the owner is known to be no more: it may have ended the turn after the listing that showed it open.
  if (await claimer.facts.get(claimer.keys.done(held))) return undefined;
  const before = await readLease(claimer.facts, claimer.keys, held);
  if (!before) return undefined;
  const suspect = loss === "left" ? undefined : await suspectOf(claimer, held, before);
  const lease = takeover(before, ownerOf(claimer, chunk), loss, suspect, chunk.submission.options.memoryOnOom);
  if (!suffices(claimer, chunk, lease)) return undefined;
  const id = { ...held, e: held.e + 1 };
  if (!(await isLeased(claimer, id, lease))) return undefined;
  const previous = id.t > 0 ? await readSummary(claimer.facts, claimer.keys, { ...id, t: id.t - 1 }) : undefined;
  const turn = new Turn(claimer.facts, claimer.keys, chunk, id, lease, previous);
  await turn.catchUp();
  return turn;
}

/** What the owner before was running alone, unless that is known to have ended. */
async function suspectOf(claimer: Claimer, held: LeaseId, { items, cut }: Lease): Promise<number | undefined> {
  const offset = await lastTry(claimer, held);
  if (offset === undefined) return undefined;
  const position = typeof items === "number" ? offset : items.findIndex((item) => item.offset === offset);
  const batch = batchesOf(cut, itemCount(items)).find(
    ({ first, count }) => position >= first && position < first + count,
  );
  return batch && (await claimer.facts.get(claimer.keys.part(held, batch))) ? undefined : offset;
}

/** An isolated owner tries its items in order, so the last key is the newest. */
async function lastTry(claimer: Claimer, held: LeaseId): Promise<number | undefined> {
  let last: number | undefined;
  const prefix = claimer.keys.tries(held);
  for await (const page of claimer.facts.list(prefix)) {
    for (const { key } of page.entries) {
      const tried = parseTry(key.slice(prefix.length));
      if (tried.t === held.t && tried.e === held.e) last = tried.offset;
    }
  }
  return last;
}

export async function readLease(facts: Facts, keys: SessionKeys, id: LeaseId): Promise<Lease | undefined> {
  const bytes = await facts.get(keys.lease(id));
  return bytes && parseLeaseBody(bytes);
}

/** @throws when the turn is not done, which its callers know it to be. */
export async function readSummary(facts: Facts, keys: SessionKeys, id: TurnId): Promise<TurnSummary> {
  const bytes = await facts.get(keys.done(id));
  const turn = bytes && parseCommit(bytes).header.turn;
  if (!turn) throw new Error(`${keys.done(id)} does not end its turn.`);
  return turn;
}

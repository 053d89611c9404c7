import { claimFresh, claimFromLost, claimNext, hasNextTurn, readSummary } from "../../protocol/claim.ts";
import type { Claimer } from "../../protocol/claim.ts";
import { itemAt, itemCount } from "../../protocol/items.ts";
import type { Item } from "../../protocol/items.ts";
import { chunkNumbered } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { scan } from "../../protocol/scan.ts";
import type { Standing } from "../../protocol/scan.ts";
import type { Turn } from "../../protocol/turn.ts";
import type { Runtime } from "../../runtime.ts";
import type { LedgerView } from "../ledger-view.ts";
import { inParallel } from "../in-parallel.ts";
import { batchesOf } from "../../protocol/cut.ts";
import { SilentOwners } from "./silent-owners.ts";

/** How long a cancel waits for workers that still hold something, beyond the grace time of their tasks, in milliseconds. */
const patience = 10_000;

export interface DrainOptions {
  readonly claimer: Claimer;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  /** Of which all ends. undefined: of every cancelled one; with `tasks`: of any. */
  readonly submission?: string | undefined;
  /** Only these tasks end, by index in the session in ascending order; what shares a chunk with them is carried over. */
  readonly tasks?: readonly number[] | undefined;
  /** Milliseconds that running tasks get to stop. */
  readonly grace: number;
}

/**
 * Ends what was cancelled and is left: ordinary leases and commits, with an executor that answers `cancelled`. Workers
 * do the same with what they hold; this waits for them, and takes over from those that are gone or fell silent, so that a
 * cancel works with no worker alive. Gives up on owners of whom that is not known after a while: they, or a later reader's
 * workers, end it.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { claimer, runtime, view, grace } = options;
  const { facts, keys } = claimer;
  const { poll } = facts.store.pace;
  const end = runtime.monotonic() + grace + patience;
  const owners = new SilentOwners(facts, keys, runtime, view.current.session.ttl);
  for (let looks = 0; ; looks++) {
    const held = await drainFree(options, view.current, owners);
    if (held === 0 || runtime.monotonic() > end) return;
    await runtime.sleep(Math.min(poll[0] * 1.5 ** looks, Math.max(poll[0], Math.min(poll[1], 1000))));
  }
}

/** Ends the chunks that nobody holds. Returns how many are held, by an owner from before or one that was faster. */
async function drainFree(options: DrainOptions, ledger: Ledger, owners: SilentOwners): Promise<number> {
  const { claimer, view } = options;
  let held = 0;
  let looked = false;
  for (let from = firstOf(options, ledger, 0); from < ledger.chunks;) {
    const page = await scan(claimer.facts, claimer.keys, ledger, from);
    const left = [...page.standings].flatMap(([number, standing]): Left[] => {
      const chunk = chunkNumbered(ledger, number);
      const ends = chunk && endsIn(options, ledger, chunk);
      return chunk && ends && standing.kind !== "finished" ? [{ chunk, standing, ends }] : [];
    });
    if (!looked && left.some(({ standing }) => standing.kind === "held")) {
      looked = true;
      await owners.look();
    }
    const ended = inParallel(left, atATime, async ({ chunk, standing, ends }) => {
      // Nothing is leased any more, and nobody waits for its end.
      if (view.current.removed) return true;
      const turn = await claimed(claimer, chunk, standing, owners);
      return turn !== "held" && (!turn || (await run(turn, ends)));
    });
    for await (const [, isOurs] of ended) if (!isOurs) held++;
    if (view.current.removed) return 0;
    from = firstOf(options, ledger, page.to);
  }
  return held;
}

/** Chunks that are ended at a time: each takes some requests, one after the other. */
const atATime = 16;

interface Left {
  readonly chunk: Chunk;
  readonly standing: Standing;
  readonly ends: Ends;
}

/** The first chunk from this number on that may have anything to end. */
function firstOf({ tasks }: DrainOptions, ledger: Ledger, from: number): number {
  if (!tasks) return from;
  for (let number = from; number < ledger.chunks; number++) {
    const chunk = chunkNumbered(ledger, number);
    if (chunk && tasks.some((task) => isIn(chunk, task))) return number;
  }
  return ledger.chunks;
}

function isIn(chunk: Chunk, task: number): boolean {
  return task >= chunk.task && task < chunk.task + chunk.count;
}

/** Which offsets of the chunk end. undefined: none. */
function endsIn({ submission, tasks }: DrainOptions, ledger: Ledger, chunk: Chunk): Ends | undefined {
  if (tasks) {
    const offsets = new Set(tasks.filter((task) => isIn(chunk, task)).map((task) => task - chunk.task));
    return offsets.size > 0 ? (offset) => offsets.has(offset) : undefined;
  }
  const own =
    submission === undefined ? ledger.submissions[chunk.row.submission]?.cancelled : chunk.submission.id === submission;
  return own === true ? () => true : undefined;
}

type Ends = (offset: number) => boolean;

/** undefined: there is nothing to end. */
async function claimed(
  claimer: Claimer,
  chunk: Chunk,
  standing: Standing,
  owners: SilentOwners,
): Promise<Turn | "held" | undefined> {
  switch (standing.kind) {
    case "finished":
      return undefined;
    case "fresh":
      return (await claimFresh(claimer, chunk)) ?? "held";
    case "odd":
      return next(claimer, chunk, standing.t);
    case "held": {
      const loss = await owners.lossOf(standing.id, standing.modified, claimer.owner);
      return (loss && (await claimFromLost(claimer, chunk, standing.id, loss))) ?? "held";
    }
  }
}

async function next(claimer: Claimer, chunk: Chunk, t: number): Promise<Turn | undefined> {
  const done = { s: chunk.s, i: chunk.i, t };
  const summary = await readSummary(claimer.facts, claimer.keys, done);
  return hasNextTurn(chunk, summary, claimer.grants(chunk)) ? claimNext(claimer, chunk, done, summary) : undefined;
}

/** false: it is somebody else's. */
async function run(turn: Turn, ends: Ends): Promise<boolean> {
  const { chunk, lease } = turn;
  for (const [n, { first, count }] of batchesOf(lease.cut, itemCount(lease.items)).entries()) {
    if (turn.isCommitted(n)) continue;
    let lines = "";
    let cancelled = 0;
    const again: Item[] = [];
    for (let position = first; position < first + count; position++) {
      const item = itemAt(lease.items, position);
      const { offset, attempt } = item;
      if (!ends(offset)) again.push(item);
      else {
        lines += `{"index":${chunk.index + offset},"task":${chunk.task + offset},"status":"cancelled","attempts":${attempt - 1},"seconds":0}\n`;
        cancelled++;
      }
    }
    // What brings nothing is left to who runs it.
    if (cancelled === 0) continue;
    if (!turn.canFinish() && n === turn.batches.length - 1) continue;
    const result = {
      lines: [encoder.encode(lines)],
      succeeded: 0,
      failed: [],
      cancelled,
      again,
      seconds: 0,
      blobs: 0,
      logs: [],
    };
    if ((await turn.commit(n, result)) === "superseded") return false;
  }
  return true;
}

const encoder = new TextEncoder();

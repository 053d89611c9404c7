import { claimFresh, claimFromLost, claimNext, hasNextTurn, readLease, readSummary } from "../protocol/claim.ts";
import type { Claimer } from "../protocol/claim.ts";
import { itemAt, itemCount } from "../protocol/items.ts";
import { chunkNumbered } from "../protocol/chunk.ts";
import type { Chunk } from "../protocol/chunk.ts";
import type { Ledger } from "../protocol/ledger.ts";
import { scan } from "../protocol/scan.ts";
import type { Turn } from "../protocol/turn.ts";
import { listAll } from "../protocol/facts.ts";
import type { Runtime } from "../runtime.ts";
import type { LedgerView } from "./ledger-view.ts";
import { batchesOf } from "../protocol/cut.ts";

/** How long a cancel waits for workers that still hold something, beyond the grace time of their tasks, in milliseconds. */
const patience = 10_000;

export interface DrainOptions {
  readonly claimer: Claimer;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly submission: string;
  /** Milliseconds that running tasks get to stop. */
  readonly grace: number;
}

/**
 * Ends what a cancelled submission has left: ordinary leases and commits, with an executor that answers `cancelled`. Workers
 * do the same with what they hold; this waits for them, and takes over from those that are gone, so that a cancel works
 * with no worker alive. Gives up on silent owners after a while: they, or a later reader's workers, end it.
 */
export async function drain({ claimer, runtime, view, submission, grace }: DrainOptions): Promise<void> {
  const { poll } = claimer.facts.store.pace;
  const end = runtime.monotonic() + grace + patience;
  for (let looks = 0; ; looks++) {
    const held = await drainFree(claimer, view.current, submission);
    if (held === 0 || runtime.monotonic() > end) return;
    await runtime.sleep(Math.min(poll[0] * 1.5 ** looks, Math.max(poll[0], Math.min(poll[1], 1000))));
  }
}

/** Ends the chunks that nobody holds. Returns how many are held, by an owner from before or one that was faster. */
async function drainFree(claimer: Claimer, ledger: Ledger, submission: string): Promise<number> {
  let held = 0;
  let gone: ReadonlySet<string> | undefined;
  for (let from = 0; from < ledger.chunks;) {
    const page = await scan(claimer.facts, claimer.keys, ledger, from);
    for (const [number, standing] of page.standings) {
      const chunk = chunkNumbered(ledger, number);
      if (!chunk || chunk.submission.id !== submission) continue;
      if (standing.kind === "fresh" && !(await run(await claimFresh(claimer, chunk)))) held++;
      if (standing.kind === "odd") await run(await next(claimer, chunk, standing.t));
      if (standing.kind !== "held") continue;
      gone ??= new Set(
        (await listAll(claimer.facts, claimer.keys.gones)).entries.map(({ key }) =>
          key.slice(claimer.keys.gones.length),
        ),
      );
      const owner = (await readLease(claimer.facts, claimer.keys, standing.id))?.owner ?? "";
      const left = owner === claimer.owner || gone.has(owner);
      if (!left || !(await run(await claimFromLost(claimer, chunk, standing.id, "left")))) held++;
    }
    from = page.to;
  }
  return held;
}

async function next(claimer: Claimer, chunk: Chunk, t: number): Promise<Turn | undefined> {
  const done = { s: chunk.s, i: chunk.i, t };
  const summary = await readSummary(claimer.facts, claimer.keys, done);
  return hasNextTurn(chunk, summary, claimer.grants(chunk)) ? claimNext(claimer, chunk, done, summary) : undefined;
}

/** false: it is somebody else's. */
async function run(turn: Turn | undefined): Promise<boolean> {
  if (!turn) return false;
  const { chunk, lease } = turn;
  for (const [n, { first, count }] of batchesOf(lease.cut, itemCount(lease.items)).entries()) {
    if (turn.isCommitted(n)) continue;
    let lines = "";
    for (let position = first; position < first + count; position++) {
      const { offset, attempt } = itemAt(lease.items, position);
      lines += `{"index":${chunk.index + offset},"task":${chunk.task + offset},"status":"cancelled","attempts":${attempt - 1},"seconds":0}\n`;
    }
    const result = {
      lines: [encoder.encode(lines)],
      succeeded: 0,
      failed: [],
      cancelled: count,
      again: [],
      blobs: 0,
      logs: [],
    };
    if ((await turn.commit(n, result)) === "superseded") return false;
  }
  return true;
}

const encoder = new TextEncoder();

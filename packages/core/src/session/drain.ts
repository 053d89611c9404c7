import { claimFresh, claimNext, hasNextTurn, readSummary } from "../protocol/claim.ts";
import type { Claimer } from "../protocol/claim.ts";
import { itemAt, itemCount } from "../protocol/items.ts";
import { chunkNumbered } from "../protocol/ledger.ts";
import type { Chunk, Ledger } from "../protocol/ledger.ts";
import { scan } from "../protocol/scan.ts";
import type { Turn } from "../protocol/turn.ts";
import { batchesOf } from "../protocol/cut.ts";

/**
 * Ends what a cancelled submission has left and nobody holds: ordinary leases and commits, with an executor that answers
 * `cancelled`. Workers do the same; this is what makes a cancel work when none is alive.
 */
export async function drain(claimer: Claimer, ledger: Ledger, submission: string, signal?: AbortSignal): Promise<void> {
  const whole: Claimer = { ...claimer, seconds: () => 0 };
  for (let from = 0; from < ledger.chunks && !signal?.aborted; ) {
    const page = await scan(claimer.facts, claimer.keys, ledger, from);
    for (const [number, standing] of page.standings) {
      const chunk = chunkNumbered(ledger, number);
      if (!chunk || chunk.submission.id !== submission || signal?.aborted) continue;
      if (standing.kind === "fresh") await run(await claimFresh(whole, chunk));
      if (standing.kind === "odd") await run(await next(whole, chunk, standing.t));
    }
    from = page.to;
  }
}

async function next(claimer: Claimer, chunk: Chunk, t: number): Promise<Turn | undefined> {
  const done = { s: chunk.s, i: chunk.i, t };
  const summary = await readSummary(claimer.facts, claimer.keys, done);
  return summary.again.length > 0 && hasNextTurn(summary, claimer.grants) ? claimNext(claimer, chunk, done, summary) : undefined;
}

async function run(turn: Turn | undefined): Promise<void> {
  if (!turn) return;
  const { chunk, lease } = turn;
  for (const [n, { first, count }] of batchesOf(lease.cut, itemCount(lease.items)).entries()) {
    let lines = "";
    for (let position = first; position < first + count; position++) {
      const { offset, attempt } = itemAt(lease.items, position);
      lines += `{"index":${chunk.index + offset},"task":${chunk.task + offset},"status":"cancelled","attempts":${attempt - 1},"seconds":0}\n`;
    }
    const result = { lines: [encoder.encode(lines)], succeeded: 0, failed: [], cancelled: count, again: [], blobs: 0, logs: [] };
    if ((await turn.commit(n, result)) === "superseded") return;
  }
}

const encoder = new TextEncoder();

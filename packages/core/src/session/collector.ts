import type { Commit } from "../protocol/commit.ts";
import type { Facts } from "../protocol/facts.ts";
import { parseDone } from "../protocol/keys.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import { chunkAt } from "../protocol/ledger.ts";
import type { Chunk, Ledger } from "../protocol/ledger.ts";
import type { Runtime } from "../runtime.ts";
import { SkyburstError } from "../errors.ts";
import { ChunkReader } from "./chunk-reader.ts";
import type { LedgerView } from "./ledger-view.ts";
import { InOrder } from "./in-order.ts";

/** Outcome lines as commits hold them. */
export interface OutcomeLines {
  readonly lines: Uint8Array;
  readonly count: number;
  /** Some values are in blobs, and have to be fetched before a line is whole. */
  readonly blobs: boolean;
  /** Every line says `succeeded`. */
  readonly clean: boolean;
  readonly commit: Commit;
  readonly chunk: Chunk;
}

export interface CollectorOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly submission: string;
  /** In input order, or as they finish. */
  readonly ordered: boolean;
  /** Stops at the first gap instead of waiting. */
  readonly wait: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Rejects when nothing more can come, as when no worker can be started. */
  readonly failure?: (() => unknown) | undefined;
  /** Called for each chunk whose outcomes are all read. */
  readonly finished?: (() => void) | undefined;
}

/** Where a chunk that is read now stands. */
interface Reading {
  readonly reader: ChunkReader;
  readonly order: InOrder | undefined;
}

/**
 * Outcomes of one submission, each exactly once, from what the store lists. Chunks that are finished are passed once and
 * never looked at again; one poll asks for what is done behind the first chunk that isn't.
 */
export async function* collect(options: CollectorOptions): AsyncGenerator<OutcomeLines> {
  const { facts, view, runtime, signal } = options;
  const reading = new Map<number, Reading>();
  const finished = new Set<number>();
  const { poll } = facts.store.pace;
  let low: Cursor = { s: 0, i: 0 };
  let quiet = 0;
  for (;;) {
    signal?.throwIfAborted();
    const started = runtime.monotonic();
    let found = false;
    low = firstUnfinished(view.current, options.submission, low, finished);
    const done = await listDone(options, low);
    for (const chunk of unfinishedChunks(view.current, options, low, finished, done)) {
      for await (const lines of read(options, chunk, reading, done.get(chunk.number), quiet)) {
        found = true;
        yield lines;
      }
      if (!reading.get(chunk.number)?.reader.finished) {
        if (options.ordered) break;
        continue;
      }
      reading.delete(chunk.number);
      finished.add(chunk.number);
      options.finished?.();
      found = true;
    }
    if (found) {
      quiet = 0;
      continue;
    }
    await view.follow();
    low = firstUnfinished(view.current, options.submission, low, finished);
    if (view.submission(options.submission)?.ended && low.s >= view.current.segments.length) return;
    if (!options.wait) return;
    stopIfHopeless(options);
    // Looks cost time of their own: never spend more than a tenth on them.
    const wait = Math.max(poll[0] * 1.3 ** Math.min(quiet, 60), (runtime.monotonic() - started) * 10);
    quiet++;
    await runtime.sleep(Math.min(wait, Math.max(1000, poll[0] * 10), poll[1]), signal);
  }
}

interface Cursor {
  readonly s: number;
  readonly i: number;
}

/** Moves over what is finished, and forgets it. */
function firstUnfinished(ledger: Ledger, submission: string, from: Cursor, finished: Set<number>): Cursor {
  let { s, i } = from;
  for (; s < ledger.segments.length; s++, i = 0) {
    const chunk = chunkAt(ledger, { s, i });
    if (chunk?.submission.id !== submission) continue;
    for (; ; i++) {
      const next = chunkAt(ledger, { s, i });
      if (!next) break;
      if (!finished.delete(next.number)) return { s, i };
    }
  }
  return { s, i };
}

/** Running numbers of chunks of which a turn is done, with the highest such turn. */
async function listDone({ facts, keys, view }: CollectorOptions, low: Cursor): Promise<Map<number, number>> {
  const ledger = view.current;
  const done = new Map<number, number>();
  const chunk = chunkAt(ledger, low);
  if (!chunk) return done;
  for await (const page of facts.list(keys.dones, { after: keys.dones + keys.chunk(chunk) })) {
    for (const { key } of page.entries) {
      const id = parseDone(key.slice(keys.dones.length));
      const row = ledger.segments[id.s];
      if (row) done.set(row.firstChunk + id.i, id.t);
    }
    // One page is work enough before the next look; what is behind it is listed when this is read.
    if (done.size > 0) break;
  }
  return done;
}

/** In order: the chunks from the cursor on. As they finish: those that a listing shows, and those that run. */
function* unfinishedChunks(ledger: Ledger, { submission, ordered }: CollectorOptions, low: Cursor, finished: ReadonlySet<number>, done: ReadonlyMap<number, number>): Generator<Chunk> {
  const first = chunkAt(ledger, low)?.number ?? 0;
  // How far beyond what is done chunks may be running: parts are looked for up to there.
  const ahead = Math.max(first, ...done.keys()) + 64;
  for (let { s, i } = low; s < ledger.segments.length; s++, i = 0) {
    if (chunkAt(ledger, { s, i })?.submission.id !== submission) continue;
    for (; ; i++) {
      const chunk = chunkAt(ledger, { s, i });
      if (!chunk) break;
      if (finished.has(chunk.number)) continue;
      if (ordered || done.has(chunk.number) || chunk.number < ahead) yield chunk;
    }
  }
}

async function* read(options: CollectorOptions, chunk: Chunk, reading: Map<number, Reading>, done: number | undefined, quiet: number): AsyncGenerator<OutcomeLines> {
  const { facts, keys, view } = options;
  let state = reading.get(chunk.number);
  if (!state) {
    state = { reader: new ChunkReader(facts, keys, chunk), order: options.ordered ? new InOrder(chunk) : undefined };
    reading.set(chunk.number, state);
  }
  const { reader, order } = state;
  while (done !== undefined && reader.turn <= done && !reader.finished) {
    for await (const commit of reader.done(view.current.grants)) yield* pass(chunk, commit, order);
  }
  if (reader.finished || done !== undefined) return;
  // A listing for the parts of a running chunk is worth it only when nothing else came.
  if (quiet > 0 || options.ordered) for await (const commit of reader.parts()) yield* pass(chunk, commit, order);
}

function* pass(chunk: Chunk, commit: Commit, order: InOrder | undefined): Generator<OutcomeLines> {
  for (const { lines, count } of order ? order.add(commit) : [{ lines: commit.lines, count: finals(commit) }]) {
    const { header } = commit;
    if (count > 0) yield { lines, count, chunk, commit, blobs: order ? order.blobs : header.blobs !== undefined, clean: order ? order.clean : header.failed + header.cancelled === 0 };
  }
}

function finals({ header }: Commit): number {
  return header.succeeded + header.failed + header.cancelled;
}

function stopIfHopeless({ view, failure }: CollectorOptions): void {
  const { paused } = view.current;
  if (paused) throw new SkyburstError("paused", `The session is paused: ${paused.message}`);
  const failed = failure?.();
  if (failed !== undefined) throw failed;
}

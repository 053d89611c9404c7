import { parseDone, parsePart } from "../../protocol/keys.ts";
import { chunkAt } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import { ChunkReader } from "./chunk-reader.ts";
import type { ToldLines } from "./chunk-telling.ts";
import type { CollectorOptions, OutcomeLines, Reading } from "./collector.ts";
import { countOf, offsetOf, splitLines } from "./outcome-bytes.ts";
import { leftOf, ownChunks } from "./own-chunks.ts";
import { PartLooks } from "./part-looks.ts";
import { ReadAhead } from "./read-ahead.ts";
import { Scratch } from "./scratch.ts";
import type { Cursor } from "./own-chunks.ts";

/** Chunks behind the newest finished one whose parts are looked for: more than a fleet's stripes are apart. */
const chunksAhead = 64;

/** Turns of which one look hears at least, if there are so many: a full page of most stores. */
const pageSize = 1000;

/** Longest time without a listing because the last one took long, in milliseconds: that may have been a suspended machine's sleep. */
const longestPause = 10_000;

const none: ReadonlyMap<number, string[]> = new Map();

/**
 * Outcomes as they finish, each task's first: of retries a map tells nothing. All before the first chunk that isn't finished
 * is passed for good, and one listing tells what is done behind it.
 */
export function readAsFinished(options: CollectorOptions): Reading {
  const { facts, keys, runtime, view, submission } = options;
  const readers = new Map<number, ChunkReader>();
  /** Of chunks that are being read, the offsets of tasks that were told as failed. */
  const failures = new Map<number, Set<number>>();
  /** Running numbers of finished chunks behind the cursor. */
  const finished = new Set<number>();
  const ahead = new ReadAhead(facts, runtime);
  const memory = { done: new Scratch(), part: new Scratch(), ahead, turn: new ReadAhead(facts, runtime) };
  const partLooks = new PartLooks(facts.store.pace, 1);
  let cursor: Cursor = { s: 0, i: 0 };
  let listAfter = 0;

  return {
    async *look(quiet) {
      // Listings cost time of their own: never spend more than a tenth on them.
      if (runtime.monotonic() < listAfter) return false;
      const started = runtime.monotonic();
      const first = pass();
      const done = first ? await listDone(first) : new Map<number, number>();
      const last = Math.max(first?.number ?? 0, ...done.keys()) + chunksAhead;
      // Asking for the parts of running chunks is worth a listing only when nothing else came.
      const listsParts = first !== undefined && done.size === 0 && partLooks.due(quiet);
      const parts = listsParts ? await listParts(first, last) : none;
      const took = runtime.monotonic() - started;
      listAfter = runtime.monotonic() + Math.min(took * 10, longestPause);
      ahead.plan(toRead(last, done, parts));
      let found = false;
      for (const chunk of ownChunks(view.current, submission, cursor)) {
        if (chunk.number > last) break;
        if (finished.has(chunk.number)) continue;
        if (yield* read(chunk, done.get(chunk.number), parts.get(chunk.number))) found = true;
      }
      if (listsParts) partLooks.told(found);
      return found;
    },
    complete: () => pass() === undefined,
    last: () => leftOf(ownChunks(view.current, submission, cursor), finished) === 1,
  };

  /** Moves the cursor over what is finished, and forgets it. The first chunk that isn't. */
  function pass(): Chunk | undefined {
    for (const chunk of ownChunks(view.current, submission, cursor)) {
      if (!finished.delete(chunk.number)) return chunk;
      cursor = { s: chunk.s, i: chunk.i + 1 };
    }
    return undefined;
  }

  /** Running numbers of chunks of which a turn is done, with the highest such turn, as far as one page tells. */
  async function listDone(first: Chunk): Promise<Map<number, number>> {
    const done = new Map<number, number>();
    let seen = 0;
    for await (const page of facts.list(keys.dones, { after: keys.dones + keys.chunk(first) })) {
      for (const { key } of page.entries) {
        const id = parseDone(key.slice(keys.dones.length));
        const chunk = chunkAt(view.current, id);
        // A turn that was read is no news, and must not hide what stands on the pages behind.
        const news =
          chunk?.submission.id === submission &&
          !finished.has(chunk.number) &&
          id.t >= (readers.get(chunk.number)?.turn ?? 0);
        if (news) done.set(chunk.number, id.t);
      }
      seen += page.entries.length;
      // What is behind a page with news is listed by the next look. A store's own pages may be shorter than that.
      if (done.size > 0 && seen >= pageSize) break;
    }
    return done;
  }

  /** Keys of the parts of chunks up to the `last`, by running number. */
  async function listParts(first: Chunk, last: number): Promise<ReadonlyMap<number, string[]>> {
    const parts = new Map<number, string[]>();
    for await (const page of facts.list(keys.parts, { after: keys.parts + keys.chunk(first) })) {
      for (const { key } of page.entries) {
        const chunk = chunkAt(view.current, parsePart(key.slice(keys.parts.length)));
        if (chunk === undefined || chunk.number > last) return parts;
        const known = parts.get(chunk.number);
        if (known) known.push(key);
        else parts.set(chunk.number, [key]);
      }
    }
    return parts;
  }

  /** Keys of commits that `read` will ask for, chunk by chunk; a few more follow from what these say. */
  function* toRead(
    last: number,
    done: ReadonlyMap<number, number>,
    parts: ReadonlyMap<number, string[]>,
  ): Generator<string> {
    if (done.size + parts.size === 0) return;
    for (const chunk of ownChunks(view.current, submission, cursor)) {
      if (chunk.number > last) return;
      if (finished.has(chunk.number)) continue;
      const reader = readers.get(chunk.number);
      const listed = parts.get(chunk.number) ?? [];
      if (done.has(chunk.number)) yield keys.done({ s: chunk.s, i: chunk.i, t: reader?.turn ?? 0 });
      else yield* reader ? reader.unread(listed) : listed;
    }
  }

  async function* read(
    chunk: Chunk,
    done: number | undefined,
    parts: readonly string[] | undefined,
  ): AsyncGenerator<OutcomeLines, boolean> {
    const reader = readers.get(chunk.number) ?? new ChunkReader(facts, keys, chunk, memory);
    const told = failures.get(chunk.number) ?? new Set();
    let found = false;
    while (done !== undefined && reader.turn <= done && !reader.finished) {
      // Listed a moment ago and not there: somebody removes the session.
      if (!(yield* linesOf(chunk, reader.done([]), told))) break;
      found = true;
    }
    if (reader.finished) {
      readers.delete(chunk.number);
      failures.delete(chunk.number);
      finished.add(chunk.number);
      options.finished?.();
      return true;
    }
    readers.set(chunk.number, reader);
    if (parts && (yield* linesOf(chunk, reader.parts(parts), told))) found = true;
    if (told.size > 0) failures.set(chunk.number, told);
    return found;
  }
}

/** @param told Offsets of tasks that were told as failed: a retry runs them again in a turn that is read for others. */
async function* linesOf(
  chunk: Chunk,
  commits: AsyncGenerator<OutcomeLines["commit"], unknown>,
  told: Set<number>,
): AsyncGenerator<OutcomeLines, boolean> {
  let found = false;
  for (;;) {
    const step = await commits.next();
    if (step.done) return found;
    const commit = step.value;
    const { header } = commit;
    found = true;
    const { lines, count } = untold(chunk, commit, told);
    for (const offset of header.failures ?? []) told.add(offset);
    if (count === 0) continue;
    const clean = header.failed + header.cancelled === 0;
    yield { lines, count, chunk, commit, blobs: header.blobs !== undefined, clean };
  }
}

function untold(chunk: Chunk, commit: OutcomeLines["commit"], told: ReadonlySet<number>): ToldLines {
  if (told.size === 0) return { lines: commit.lines, count: countOf(commit) };
  const lines = [...splitLines(commit.lines)].filter((line) => !told.has(offsetOf(line, chunk.index)));
  return { lines: Buffer.concat(lines), count: lines.length };
}

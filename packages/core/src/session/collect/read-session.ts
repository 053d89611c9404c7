import { grantsOf } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Commit } from "../../protocol/commit.ts";
import type { Grant } from "../../protocol/ledger.ts";
import { chunkOfTask } from "../steer/chunk-of-task.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { ChunkTelling } from "./chunk-telling.ts";
import type { ToldLines } from "./chunk-telling.ts";
import type { OutcomeLines, Reading } from "./collector.ts";
import { advance, endOf, stepAt } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { DoneAhead } from "./done-ahead.ts";
import type { Place } from "../place.ts";
import { PartLooks } from "./part-looks.ts";
import { ReadAhead } from "./read-ahead.ts";
import { Scratch } from "./scratch.ts";
import { toldBefore } from "./told-before.ts";
import type { ToldBefore } from "./told-before.ts";

export interface SessionReading extends Reading {
  /** Behind the lines that were given out last. */
  readonly cursor: Cursor;
  /** Index in the session of the first task behind them. */
  readonly next: number;
}

/** A chunk whose outcomes are being told. */
interface Telling {
  readonly chunk: Chunk;
  /** Retry grants of the ledger as of which it is told. */
  readonly level: number;
  readonly grants: readonly Grant[];
  readonly order: ChunkTelling;
  readonly reader: ChunkReader;
  /** The newest that was read. */
  commit?: Commit;
  blobs: boolean;
  clean: boolean;
}

/**
 * Outcomes of a whole session in the order of its tasks, from a cursor on: of what was told before only what was run again since,
 * then everything else. What comes next is known by name, so that next to nothing is listed.
 */
export function readSession(
  place: Pick<Place, "facts" | "keys" | "runtime" | "view">,
  from: Cursor,
  failedOnly: boolean,
): SessionReading {
  const { facts, keys, runtime, view } = place;
  const ahead = new DoneAhead(facts, keys, runtime);
  const memory = { done: new Scratch(), part: new Scratch(), ahead: ahead.reads, turn: new ReadAhead(facts, runtime) };
  const partLooks = new PartLooks(facts.store.pace, 4);
  let cursor = from;
  let next = 0;
  let telling: Telling | undefined;
  let before: ToldBefore | undefined;

  return {
    get cursor() {
      return cursor;
    },
    get next() {
      return next;
    },
    async *look(quiet) {
      let found = false;
      for (let current = await upNext(); current; current = await upNext()) {
        const { reader, grants, chunk, level } = current;
        while (!reader.finished) {
          const done = yield* tellAll(current, reader.done(grants), true);
          if (!done) break;
          if (reader.summary) yield* tell(current, current.order.ended(reader.summary));
          found = true;
        }
        if (!reader.finished) {
          ahead.waited();
          if (partLooks.due(quiet)) {
            const parts = yield* tellAll(current, reader.parts(), false);
            partLooks.told(parts > 0);
            if (parts > 0) found = true;
          }
          return found;
        }
        pass(level, chunk.task + chunk.count);
        telling = undefined;
        found = true;
        await ahead.passed(chunk);
      }
      return found;
    },
    complete: () => telling === undefined && next >= view.current.tasks,
  };

  /** The first chunk that has anything to tell, or may have. */
  async function upNext(): Promise<Telling | undefined> {
    while (telling === undefined) {
      const chunk = chunkOfTask(view.current, next);
      if (!chunk) return undefined;
      if (await isTold(chunk)) pass(view.current.grants, chunk.task + chunk.count);
      else telling = await begin(chunk);
    }
    return telling;
  }

  async function isTold(chunk: Chunk): Promise<boolean> {
    const end = chunk.task + chunk.count;
    if (endOf(from) < end) return false;
    const step = stepAt(from, chunk.task);
    if (step && step.task >= end && step.level === view.current.grants) return true;
    before ??= await toldBefore(place, from);
    return !before.odd(chunk);
  }

  async function begin(chunk: Chunk): Promise<Telling> {
    // Grants that come while the chunk is told are left to the next reading: the cursor says as of when this one told it.
    const level = view.current.grants;
    const grants = grantsOf(view.current, chunk);
    if (endOf(from) > chunk.task) before ??= await toldBefore(place, from);
    const told = (offset: number) => {
      const step = stepAt(from, chunk.task + offset);
      return step && before?.grants(chunk, step.level);
    };
    const order = new ChunkTelling({ chunk, grants, told, failedOnly });
    return {
      chunk,
      level,
      grants,
      order,
      reader: new ChunkReader(facts, keys, chunk, memory),
      blobs: false,
      clean: true,
    };
  }

  function pass(level: number, task: number): void {
    cursor = advance(cursor, next, { level, task });
    next = Math.max(next, task);
  }

  /** @param done The commits are of a turn that is done. */
  async function* tellAll<T>(
    current: Telling,
    commits: AsyncGenerator<Commit, T>,
    done: boolean,
  ): AsyncGenerator<OutcomeLines, T> {
    for (;;) {
      const step = await commits.next();
      if (step.done) return step.value;
      const { header } = step.value;
      current.commit = step.value;
      current.blobs ||= header.blobs !== undefined;
      current.clean &&= header.failed + header.cancelled === 0;
      yield* tell(current, current.order.add(step.value, done ? current.reader.summary : undefined));
    }
  }

  function* tell(current: Telling, parts: Iterable<ToldLines>): Generator<OutcomeLines> {
    const { chunk, level, order } = current;
    for (const { lines, count } of parts) {
      // Before they are given out: whoever has them is told that they are behind it.
      pass(level, chunk.task + order.next);
      const { commit, blobs, clean } = current;
      if (commit) yield { lines, count, chunk, commit, blobs, clean };
    }
    pass(level, chunk.task + order.next);
  }
}

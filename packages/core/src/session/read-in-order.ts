import { grantsOf } from "../protocol/chunk.ts";
import type { Chunk } from "../protocol/chunk.ts";
import { ChunkReader } from "./chunk-reader.ts";
import type { CollectorOptions, OutcomeLines, Reading } from "./collector.ts";
import { InOrder } from "./in-order.ts";
import { ownChunks } from "./own-chunks.ts";
import { Scratch } from "./scratch.ts";
import type { Cursor } from "./own-chunks.ts";

/**
 * Outcomes in input order. What comes next is known by name, so that nothing is listed but the parts of the chunk that
 * everything waits for.
 */
export function readInOrder(options: CollectorOptions): Reading {
  const { facts, keys, view, submission } = options;
  const memory = { done: new Scratch(), part: new Scratch() };
  let cursor: Cursor = { s: 0, i: 0 };
  let reading: { readonly reader: ChunkReader; readonly order: InOrder } | undefined;

  return {
    async *look(quiet) {
      let found = false;
      for (let chunk = next(); chunk; chunk = next()) {
        reading ??= { reader: new ChunkReader(facts, keys, chunk, memory), order: new InOrder(chunk) };
        const { reader, order } = reading;
        while (!reader.finished) {
          const done = yield* ordered(chunk, reader.done(grantsOf(view.current, chunk)), order);
          if (!done) break;
          found = true;
        }
        if (!reader.finished) {
          if (listsParts(quiet) && (yield* ordered(chunk, reader.parts(), order)) > 0) found = true;
          return found;
        }
        reading = undefined;
        cursor = { s: chunk.s, i: chunk.i + 1 };
        options.finished?.();
        found = true;
      }
      return found;
    },
    complete: () => next() === undefined,
  };

  function next(): Chunk | undefined {
    for (const chunk of ownChunks(view.current, submission, cursor)) return chunk;
    return undefined;
  }
}

/**
 * Whether to list parts after so many looks in a row that found nothing. Most chunks have none, and a listing costs several
 * times what the question for the next commit does: soon at first, then every fourth time.
 */
export function listsParts(quiet: number): boolean {
  return quiet > 0 && (quiet < 8 || quiet % 4 === 0);
}

/** Passes commits on as lines in order; returns what their generator does. */
async function* ordered<T>(
  chunk: Chunk,
  commits: AsyncGenerator<OutcomeLines["commit"], T>,
  order: InOrder,
): AsyncGenerator<OutcomeLines, T> {
  for (;;) {
    const step = await commits.next();
    if (step.done) return step.value;
    for (const { lines, count } of order.add(step.value))
      yield { lines, count, chunk, commit: step.value, blobs: order.blobs, clean: order.clean };
  }
}

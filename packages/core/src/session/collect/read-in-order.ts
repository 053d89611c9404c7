import type { Chunk } from "../../protocol/chunk.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { ChunkTelling, toldNothing } from "./chunk-telling.ts";
import type { CollectorOptions, OutcomeLines, Reading } from "./collector.ts";
import { leftOf, ownChunks } from "./own-chunks.ts";
import { PartLooks } from "./part-looks.ts";
import { Scratch } from "./scratch.ts";
import type { Cursor } from "./own-chunks.ts";

/** A chunk whose outcomes are being told. */
interface Telling {
  readonly reader: ChunkReader;
  readonly order: ChunkTelling;
  blobs: boolean;
  clean: boolean;
}

/**
 * Outcomes in input order, each task's first: of retries a map tells nothing. What comes next is known by name, so that nothing
 * is listed but the parts of the chunk that everything waits for.
 */
export function readInOrder(options: CollectorOptions): Reading {
  const { facts, keys, view, submission } = options;
  const memory = { done: new Scratch(), part: new Scratch() };
  const partLooks = new PartLooks(facts.store.pace, 4);
  let cursor: Cursor = { s: 0, i: 0 };
  let telling: Telling | undefined;

  return {
    async *look(quiet) {
      let found = false;
      for (let chunk = next(); chunk; chunk = next()) {
        telling ??= begin(chunk);
        const { reader } = telling;
        while (!reader.finished) {
          const done = yield* ordered(chunk, reader.done([]), telling);
          if (!done) break;
          found = true;
        }
        if (!reader.finished) {
          if (partLooks.due(quiet)) {
            const parts = yield* ordered(chunk, reader.parts(), telling);
            partLooks.told(parts > 0);
            if (parts > 0) found = true;
          }
          return found;
        }
        telling = undefined;
        cursor = { s: chunk.s, i: chunk.i + 1 };
        options.finished?.();
        found = true;
      }
      return found;
    },
    complete: () => next() === undefined,
    last: () => leftOf(ownChunks(view.current, submission, cursor)) === 1,
  };

  function begin(chunk: Chunk): Telling {
    const order = new ChunkTelling({ chunk, grants: [], told: toldNothing, failedOnly: false });
    return { reader: new ChunkReader(facts, keys, chunk, memory), order, blobs: false, clean: true };
  }

  function next(): Chunk | undefined {
    for (const chunk of ownChunks(view.current, submission, cursor)) return chunk;
    return undefined;
  }
}

/** Passes commits on as lines in order; returns what their generator does. */
async function* ordered<T>(
  chunk: Chunk,
  commits: AsyncGenerator<OutcomeLines["commit"], T>,
  telling: Telling,
): AsyncGenerator<OutcomeLines, T> {
  for (;;) {
    const step = await commits.next();
    if (step.done) return step.value;
    const { header } = step.value;
    // Of what is told now, some may have come with a commit before.
    telling.blobs ||= header.blobs !== undefined;
    telling.clean &&= header.failed + header.cancelled === 0;
    const { blobs, clean } = telling;
    for (const { lines, count } of telling.order.add(step.value, undefined))
      yield { lines, count, chunk, commit: step.value, blobs, clean };
  }
}

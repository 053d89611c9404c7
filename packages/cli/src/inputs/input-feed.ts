import { createHash } from "node:crypto";
import type { Feed, StateStore } from "@skyburst/core";
import { sessionKeys } from "@skyburst/core/protocol";
import type { Segment } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import type { InputSource } from "./input-format.ts";
import { filePieces, streamPieces } from "./pieces.ts";
import { RawLines } from "./raw-lines.ts";
import type { StoreBlob } from "./raw-lines.ts";
import { toJsonLines } from "./to-json-lines.ts";

/** A line that a slow writer sent waits this long for others to share its segment, in milliseconds. */
const linger = 20;

export interface CountedFeed {
  readonly feed: Feed;
  /** Number of inputs once all are read. */
  total(): number | undefined;
}

/**
 * Inputs on their way to a session. Of a regular file all are checked before the first is submitted; what comes through a pipe
 * runs while more is coming.
 *
 * @param steady The same inputs give the same segments, however slowly they come: so they can be submitted again.
 */
export function inputFeed(
  source: InputSource,
  types: boolean,
  store: StateStore,
  session: string,
  steady = false,
): CountedFeed {
  const { regular, empty } = source;
  const lines = new RawLines(source.label, blobStore(store, session));
  let count = 0;
  let ended = false;
  const counted = async function* () {
    for await (const segment of segmentsOf(jsonLines(source, types), lines, !regular && !steady)) {
      count += segment.count;
      yield segment;
    }
    ended = true;
  };
  return {
    feed: {
      segments: regular ? counted() : afterOthers(counted()),
      gather: regular ? Number.POSITIVE_INFINITY : 0,
      ...(empty ? { count: 0 } : {}),
    },
    total: () => (ended ? count : undefined),
  };
}

/** Inputs of any format, as pieces of whole lines of JSON, each valid until the next is asked for. Nobody has looked at the lines yet. */
export function jsonLines(source: InputSource, types: boolean): AsyncIterable<Buffer> {
  const { path } = source;
  return toJsonLines(path === undefined ? streamPieces(process.stdin) : filePieces(path), { ...source, types });
}

/** Lines of JSON that are there already. @param label What messages call them. */
export function lineFeed(lines: readonly string[], label: string, store: StateStore, session: string): Feed {
  const piece = async function* () {
    yield Buffer.from(`${lines.join("\n")}\n`);
  };
  const segments = segmentsOf(piece(), new RawLines(label, blobStore(store, session)), false);
  return { segments, gather: Number.POSITIVE_INFINITY, count: lines.length };
}

async function* segmentsOf(
  pieces: AsyncIterable<Buffer>,
  lines: RawLines,
  impatient: boolean,
): AsyncGenerator<Segment> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    for (let next = iterator.next(); ;) {
      if (impatient && lines.pending > 0 && (await Promise.race([next, pause()])) === undefined) yield lines.flush();
      const step = await next;
      if (step.done) break;
      yield* lines.add(step.value);
      // Only now: what is read next may take the place of what was.
      next = iterator.next();
      // Whoever stops early has no use for its failure.
      next.catch(() => undefined);
    }
    if (lines.pending > 0) yield lines.flush();
  } finally {
    // Not awaited: a reader that waits for a pipe would hold up everybody.
    iterator.return?.(undefined).catch(() => undefined);
  }
}

function pause(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, linger, undefined));
}

/** What goes wrong now does so after tasks have run, perhaps. */
async function* afterOthers(segments: AsyncIterable<Segment>): AsyncGenerator<Segment> {
  try {
    yield* segments;
  } catch (error) {
    throw error instanceof CliError ? new CliError("input", error.message, { cause: error }) : error;
  }
}

function blobStore(store: StateStore, session: string): StoreBlob {
  return async (body) => {
    const sha256 = createHash("sha256").update(body).digest("hex");
    await store.create(sessionKeys(session).inputBlob(sha256), body);
    return sha256;
  };
}

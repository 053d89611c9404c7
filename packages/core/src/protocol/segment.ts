import { behindEntry, parseEntry } from "./entry.ts";
import type { Facts } from "./facts.ts";
import type { Item } from "./items.ts";
import type { SessionKeys } from "./keys.ts";
import type { Entry, SegmentRow } from "./ledger.ts";
import { lineOffsets, splitHeader, withHeader } from "./lines.ts";
import { Spares } from "./spares.ts";

/** Most inputs in any segment: what a chunk's offsets have digits for, and little enough to be held whole. */
export const largestSegment = 4000;

/** Most chunks in a segment: their numbers have three digits. */
export const mostChunks = 1000;

/** Most bytes of inputs in a segment: it is one object, read whole. */
const mostBytes = 4_000_000;

/** From here on a segment is large enough to be worth what is done once for each. What is larger passes through no processor's cache. */
const enoughBytes = 128_000;

/**
 * Whether the segment with this ordinal is closed. Whoever has many short inputs is served by larger segments, and so by larger
 * chunks: of tasks that do little, what is done once for each chunk takes more time than they do. It follows from the ordinal and
 * from the inputs alone, so that the same inputs come in the same segments each time.
 */
export function isFullSegment(ordinal: number, inputs: number, bytes: number): boolean {
  const most = bytes < enoughBytes ? segmentSize(ordinal) : usualSegment;
  return inputs >= most || bytes >= mostBytes;
}

/** Most inputs in the segment with this ordinal, if they are short. */
export function segmentSize(ordinal: number): number {
  if (ordinal < 32) return usualSegment;
  return ordinal < 64 ? 2000 : largestSegment;
}

const usualSegment = 1000;

/**
 * Most bytes of inputs that ride behind the entry that appends them. Whoever reads the ledger reads them along, once, instead of a
 * segment for each chunk that it runs: at 10 ms and 100 Mbit/s that takes as long as four requests, and four chunks are what a worker
 * of a large fleet runs at least. 50,000 numbers or short names fit. What is larger is read by those who run it.
 */
export const inlineLimit = 524_288;

/** Inputs of a segment: one line each, the raw JSON of plain values. */
export interface Segment {
  readonly count: number;
  /** Positions of lines that are not the value itself but `{"value":…,"meta":…}` or `{"blob":sha256,"bytes":n}`. */
  readonly rich: readonly number[];
  /** `count` lines, each ended by a newline. */
  readonly lines: Uint8Array;
}

export function segmentBody({ count, rich, lines }: Segment, spares = new Spares()): Uint8Array<ArrayBuffer> {
  return withHeader(rich.length > 0 ? { v: 1, count, rich } : { v: 1, count }, [lines], spares);
}

export function parseSegment(body: Uint8Array): Segment {
  const { header, rest } = splitHeader(body);
  const { count, rich = [] } = header as { count: number; rich?: number[] };
  return { count, rich, lines: rest };
}

/** The inputs of a segment, wherever they are. undefined: the store has lost them. */
export async function readInputs(
  facts: Facts,
  keys: SessionKeys,
  submission: string,
  row: SegmentRow,
): Promise<Segment | undefined> {
  const body = await facts.get(inputsKey(keys, submission, row));
  return body && parseInputs(body, submission, row);
}

/** The object that holds the inputs of a segment. */
export function inputsKey(keys: SessionKeys, submission: string, { rev, ordinal }: SegmentRow): string {
  return rev === undefined ? keys.segment(submission, ordinal) : keys.manifest(rev);
}

/** The inputs of a segment, of the object that holds them. */
export function parseInputs(body: Uint8Array, submission: string, row: SegmentRow): Segment {
  if (row.rev === undefined) return parseSegment(body);
  const found = inlineSegment(parseEntry(body), body, submission, row.ordinal);
  if (!found)
    throw new TypeError(`Ledger entry ${row.rev} does not hold the inputs of segment ${row.ordinal} of ${submission}.`);
  return found;
}

function inlineSegment(
  { operations }: Entry,
  body: Uint8Array,
  submission: string,
  ordinal: number,
): Segment | undefined {
  let at = 0;
  for (const operation of operations) {
    if (operation.op !== "append") continue;
    for (const [n, { bytes, rich = [] }] of (operation.inputs ?? []).entries()) {
      const lines = behindEntry(body)?.subarray(at, at + bytes);
      at += bytes;
      const isIt = operation.submission === submission && operation.from + n === ordinal;
      if (isIt && lines?.length === bytes) return { count: operation.counts[n] ?? 0, rich, lines };
    }
  }
  return undefined;
}

/** The inputs from `start` on, `count` of them, as a segment of their own. */
export function sliceSegment(segment: Segment, start: number, count: number): Segment {
  if (start === 0 && count === segment.count) return segment;
  const offsets = lineOffsets(segment.lines, start + count);
  return {
    count,
    rich: segment.rich.filter((at) => at >= start && at < start + count).map((at) => at - start),
    lines: segment.lines.subarray(offsets[start], offsets[start + count]),
  };
}

/** The inputs of these items of a chunk, in their order, as a segment of their own. `chunk` holds the chunk's inputs. */
export function sliceItems(chunk: Segment, items: readonly Item[]): Segment {
  const first = items[0]?.offset ?? 0;
  const last = items.at(-1)?.offset ?? first;
  if (last - first === items.length - 1) return sliceSegment(chunk, first, items.length);
  const offsets = lineOffsets(chunk.lines, chunk.count);
  const rich = new Set(chunk.rich);
  const parts = items.map(({ offset }) => chunk.lines.subarray(offsets[offset], offsets[offset + 1]));
  const lines = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    lines.set(part, at);
    at += part.length;
  }
  return { count: items.length, rich: items.flatMap(({ offset }, n) => (rich.has(offset) ? [n] : [])), lines };
}

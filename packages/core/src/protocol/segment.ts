import { lineOffsets, splitHeader, withHeader } from "./lines.ts";

/** Most inputs in a segment. */
export const segmentSize = 1000;

/** Inputs of a segment: one line each, the raw JSON of plain values. */
export interface Segment {
  readonly count: number;
  /** Positions of lines that are not the value itself but `{"value":…,"meta":…}` or `{"blob":sha256,"bytes":n}`. */
  readonly rich: readonly number[];
  /** `count` lines, each ended by a newline. */
  readonly lines: Uint8Array;
}

export function segmentBody(segment: Segment): Uint8Array {
  const { count, rich, lines } = segment;
  return withHeader(rich.length > 0 ? { v: 1, count, rich } : { v: 1, count }, lines);
}

export function parseSegment(body: Uint8Array): Segment {
  const { header, rest } = splitHeader(body);
  const { count, rich = [] } = header as { count: number; rich?: number[] };
  return { count, rich, lines: rest };
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

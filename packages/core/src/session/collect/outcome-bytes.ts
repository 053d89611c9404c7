import type { Commit } from "../../protocol/commit.ts";

/** Outcome lines in a commit. */
export function countOf({ header }: Commit): number {
  return header.succeeded + header.failed + header.cancelled;
}

/** Line by line, each with its newline. */
export function* splitLines(lines: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf(newline, at) + 1;
    yield lines.subarray(at, end);
    at = end;
  }
}

/** Index of the first line, less `first`. A line begins with `{"index":` and its digits, which we wrote ourselves. */
export function offsetOf(line: Uint8Array, first: number): number {
  let index = 0;
  for (let at = prefix.length; ; at++) {
    const digit = (line[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return index - first;
    index = index * 10 + digit;
  }
}

/** The same of the last line. */
export function lastOffset(lines: Uint8Array, first: number): number {
  const before = lines.lastIndexOf(newline, lines.length - 2);
  return offsetOf(lines.subarray(before + 1), first);
}

const prefix = '{"index":';
const zero = 48;
const newline = 10;

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Segment } from "@skyburst/core/protocol";
import { describe, expect, test } from "vitest";
import { filePieces, streamPieces } from "../src/inputs/pieces.ts";
import { RawLines } from "../src/inputs/raw-lines.ts";
import { place } from "./skyburst.ts";

/** The inputs of all segments, each segment copied before the next is asked for. */
async function inputsOf(pieces: AsyncIterable<Buffer>): Promise<{ lines: string[]; counts: number[]; blobs: number }> {
  let blobs = 0;
  const raw = new RawLines("test", () => Promise.resolve(`hash${blobs++}`));
  const lines: string[] = [];
  const counts: number[] = [];
  const take = (segment: Segment) => {
    const own = Buffer.from(segment.lines).toString().split("\n");
    expect(own.pop()).toBe("");
    expect(own).toHaveLength(segment.count);
    lines.push(...own);
    counts.push(segment.count);
  };
  for await (const piece of pieces) for await (const segment of raw.add(piece)) take(segment);
  if (raw.pending > 0) take(raw.flush());
  return { lines, counts, blobs };
}

function file(text: string): string {
  const path = join(place(), "in.jsonl");
  writeFileSync(path, text);
  return path;
}

describe("lines of JSON on their way into segments", () => {
  test("lines of any length come through whole, wherever pieces end", async () => {
    // Long enough for many pieces, with lines around every power of two up to several pieces.
    const lines = Array.from({ length: 4000 }, (_, n) => JSON.stringify(`${n}:${"é".repeat((n * n) % 701)}`));
    for (const size of [65_530, 65_536, 131_000, 200_000]) lines.push(JSON.stringify("y".repeat(size)), "7");
    const read = await inputsOf(filePieces(file(lines.join("\n"))));
    expect(read.lines).toEqual(lines);
    expect(read.counts.every((count) => count <= 1000)).toBe(true);
    expect(read.blobs).toBe(0);
  });

  test("short lines fill segments, and blank ones do not count", async () => {
    const lines = Array.from({ length: 2500 }, (_, n) => `${n}`);
    const read = await inputsOf(
      filePieces(file(lines.map((line, n) => (n % 10 === 0 ? `\n \r\n${line}` : line)).join("\n"))),
    );
    expect(read.lines).toEqual(lines);
    expect(read.counts).toEqual([1000, 1000, 500]);
  });

  test("many lines come in larger segments by and by", async () => {
    const read = await inputsOf(filePieces(file("1\n".repeat(105_000))));
    expect(read.counts.slice(30, 34)).toEqual([1000, 1000, 2000, 2000]);
    expect(read.counts.slice(62)).toEqual([2000, 2000, 4000, 4000, 1000]);
    const long = await inputsOf(filePieces(file(`"${"x".repeat(80)}"\n`.repeat(40_000))));
    expect(long.counts.slice(30, 33)).toEqual([1000, 1000, 1543]);
  });

  test("lines over the limit stand as references, also those longer than several pieces", async () => {
    const long = JSON.stringify("z".repeat(1_500_000));
    const read = await inputsOf(filePieces(file(`1\n${long}\n2\n${long}`)));
    expect(read.lines.map((line) => line.slice(0, 15))).toEqual(["1", '{"blob":"hash0"', "2", '{"blob":"hash1"']);
    expect(read.blobs).toBe(2);
  });

  test("a stream may be cut anywhere, within a letter as well", async () => {
    const text = Buffer.from('\uFEFF"é"\n"ü\u2028"\n{"a":[1,2]}');
    for (let size = 3; size <= text.length; size++) {
      const stream = async function* () {
        for (let at = 0; at < text.length; at += size) yield Buffer.from(text.subarray(at, at + size));
      };
      expect((await inputsOf(streamPieces(stream()))).lines).toEqual(['"é"', '"ü\u2028"', '{"a":[1,2]}']);
    }
  });

  test("the line that is wrong is named, wherever it stands", async () => {
    const lines = Array.from({ length: 50_000 }, (_, n) => (n === 43_210 ? "[1," : `[${n}]`));
    await expect(inputsOf(filePieces(file(lines.join("\n"))))).rejects.toThrow(
      "test, line 43211: this is not JSON: [1,",
    );
    const bytes = Buffer.from(`1\n${'"ok"\n'.repeat(1000)}"x"`);
    bytes[bytes.length - 2] = 0xff;
    const stream = async function* () {
      yield bytes;
    };
    await expect(inputsOf(streamPieces(stream()))).rejects.toThrow("test, line 1002: this is not UTF-8.");
  });
});

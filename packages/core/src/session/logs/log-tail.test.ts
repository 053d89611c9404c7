import { describe, expect, test } from "vitest";
import { logPiece } from "./chunk-logs.ts";
import type { LogPiece } from "./chunk-logs.ts";
import { frameBytes } from "./log-frames.ts";
import type { LogChannel } from "./log-frames.ts";
import { lastLines } from "./log-tail.ts";

const first = { s: 0, i: 0, t: 0, e: 1, attempt: 1, at: 0, ends: false };

type Said = readonly [channel: LogChannel, text: string];

/** Pieces of logs, each of some frames; what was read of them is told. */
function pieces(...all: readonly (readonly [task: number, ...frames: Said[]])[]) {
  const read: number[] = [];
  const made = all.map(([task, ...frames], n): LogPiece => {
    const bytes = frameBytes(frames.map(([channel, text]) => ({ channel, bytes: Buffer.from(text) })));
    return logPiece({ ...first, offset: task, index: task, task, size: bytes.length }, () => {
      read.push(n);
      return Promise.resolve(bytes);
    });
  });
  return { made, read };
}

async function told(from: readonly LogPiece[], lines: number): Promise<[number, LogChannel, string][]> {
  const all: [number, LogChannel, string][] = [];
  for await (const piece of lastLines(from, lines)) {
    expect(await piece.read()).toHaveLength(piece.size);
    for (const frame of await piece.frames())
      all.push([piece.task, frame.channel, Buffer.from(frame.bytes).toString()]);
  }
  return all;
}

describe("the last lines", () => {
  test("are of each task, and nothing before the object that they begin in is read", async () => {
    const { made, read } = pieces([0, [1, "a\nb\n"]], [0, [1, "c\nd\n"]], [0, [1, "e\nf\n"]], [1, [1, "x\ny\nz\n"]]);
    expect(await told(made, 2)).toEqual([
      [0, 1, "e\nf\n"],
      [1, 1, "y\nz\n"],
    ]);
    // Where a line begins is known when the one before it ended.
    expect(read).toEqual([2, 1, 3]);
  });

  test.each([
    [0, []],
    [1, [[0, 1, "3"]]],
    [2, [[0, 1, "2\n3"]]],
    [9, [[0, 1, "1\n2\n3"]]],
  ] as const)("%i of them, of which one goes on", async (lines, expected) => {
    const { made, read } = pieces([0, [1, "1\n2\n3"]]);
    expect(await told(made, lines)).toEqual(expected);
    expect(read).toHaveLength(lines === 0 ? 0 : 1);
  });

  test("are whole when they lie in several objects", async () => {
    const { made } = pieces([0, [1, "no\nlong "]], [0, [1, "and "]], [0, [1, "wide\n"]]);
    expect((await told(made, 1)).map(([, , text]) => text).join("")).toBe("long and wide\n");
  });

  test("stand where they end, each in its channel", async () => {
    const { made } = pieces([0, [1, "out 1\nout "], [2, "err 1\nerr 2\n"], [1, "2\n"], [3, "log"]]);
    const of = async (lines: number) => (await told(made, lines)).map(([, channel, text]) => `${channel}${text}`);
    expect(await of(1)).toEqual(["3log"]);
    expect(await of(2)).toEqual(["1out ", "12\n", "3log"]);
    expect(await of(3)).toEqual(["1out ", "2err 2\n", "12\n", "3log"]);
    expect(await of(5)).toEqual(["1out 1\nout ", "2err 1\nerr 2\n", "12\n", "3log"]);
  });

  test("are bytes", async () => {
    const { made } = pieces([0]);
    const bytes = frameBytes([{ channel: 1, bytes: Uint8Array.of(0xff, 10, 0xfe, 0, 13, 10) }]);
    const piece = logPiece({ ...made[0]!, size: bytes.length }, () => Promise.resolve(bytes));
    for await (const last of lastLines([piece], 1))
      expect(await last.frames()).toEqual([{ channel: 1, bytes: Uint8Array.of(0xfe, 0, 13, 10) }]);
  });
});

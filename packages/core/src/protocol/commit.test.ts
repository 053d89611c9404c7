import { expect, test } from "vitest";
import { commitBody, commitInPlace } from "./commit.ts";

const header = { first: 0, count: 2, epoch: 1, worker: "w", succeeded: 2, failed: 0, cancelled: 0 };
const text = '{"index":0}\n{"index":1}\n';

function linesBehind(room: number): Uint8Array {
  const memory = Buffer.alloc(room + text.length, "x");
  memory.write(text, room);
  return memory.subarray(room);
}

test("a commit that is written in front of its lines is the same as one that copies them", () => {
  const body = commitInPlace(header, linesBehind(400), 400);
  expect(Buffer.from(body ?? []).toString()).toBe(Buffer.from(commitBody(header, [Buffer.from(text)], [])).toString());
});

test("nothing before the lines is touched but the room that was given", () => {
  const lines = linesBehind(400);
  expect(commitInPlace(header, lines, 20)).toBeUndefined();
  commitInPlace(header, lines, 200);
  expect(Buffer.from(lines.buffer, lines.byteOffset - 400, 200).toString()).toBe("x".repeat(200));
  expect(Buffer.from(lines).toString()).toBe(text);
});

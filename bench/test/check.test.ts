import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitBody } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { checkOutput, checkStore } from "../src/check.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "bench-"));
});
afterEach(() => rmSync(place, { recursive: true }));

const line = (index: number, value: unknown, status = "succeeded") => `${JSON.stringify({ index, status, value })}\n`;

function output(...lines: readonly string[]): string {
  const file = join(place, "stdout");
  writeFileSync(file, lines.join(""));
  return file;
}

test("output with every result in its place passes", () => {
  expect(() => checkOutput(output(line(0, 7), line(1, { a: 1 })), ["7", '{"a":1}'])).not.toThrow();
});

test.each([
  ["one is missing", [line(0, 7)], "1 results of 2"],
  ["one is there twice", [line(0, 7), line(1, 8), line(1, 8)], "3 results of 2"],
  ["two have changed places", [line(1, 8), line(0, 7)], "line 1"],
  ["a value is another", [line(0, 7), line(1, 9)], "line 2"],
  ["a task failed", [line(0, 7), line(1, 8, "failed")], "line 2"],
  ["the last line was cut off", [line(0, 7), line(1, 8).trimEnd()], "whole line"],
])("output is refused when %s", (_, lines, message) => {
  expect(() => checkOutput(output(...lines), ["7", "8"])).toThrow(message);
});

async function commit(succeeded: number, lines: number, name: string): Promise<void> {
  const store = directory(join(place, ".skyburst"));
  const header = { first: 0, count: succeeded, epoch: 1, worker: "w", succeeded, failed: 0, cancelled: 0 };
  const body = new TextEncoder().encode(line(0, 0).repeat(lines));
  await store.create(`s/session/${name}`, commitBody(header, [body], []));
}

test("a store with every result passes", async () => {
  await commit(2, 2, "part/0000000.000/0000.0000-0002");
  await commit(1, 1, "done/0000000.000.0000");
  await expect(checkStore(place, 3)).resolves.toBeUndefined();
});

test("a store that holds fewer results than tasks, or than it says, is refused", async () => {
  await commit(2, 2, "done/0000000.000.0000");
  await expect(checkStore(place, 3)).rejects.toThrow("2 results of 3 tasks");
  await commit(1, 0, "done/0000000.001.0000");
  await expect(checkStore(place, 3)).rejects.toThrow("2 results of 3 tasks, 3 of them succeeded");
});

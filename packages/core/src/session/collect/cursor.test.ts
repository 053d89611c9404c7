import fc from "fast-check";
import { expect, test } from "vitest";
import { advance, cursorText, endOf, parseCursor, stepAt } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";

test("a cursor is one step while all was told as of the same retries", () => {
  let cursor: Cursor = [];
  cursor = advance(cursor, 0, { level: 0, task: 10 });
  cursor = advance(cursor, 10, { level: 0, task: 25 });
  expect(cursorText(cursor)).toBe("0.25");
  expect(cursorText(advance(cursor, 25, { level: 1, task: 30 }))).toBe("0.25,1.30");
});

test("what is told again is as of the newer retries, and the rest stays as it was", () => {
  const cursor = parseCursor("0.10,1.30");
  expect(cursorText(advance(cursor, 0, { level: 2, task: 5 }))).toBe("2.5,0.10,1.30");
  expect(cursorText(advance(cursor, 0, { level: 1, task: 10 }))).toBe("1.30");
  expect(cursorText(advance(cursor, 0, { level: 2, task: 40 }))).toBe("2.40");
  expect(cursorText(advance(cursor, 5, { level: 2, task: 5 }))).toBe("0.10,1.30");
});

test("every task has the level of the reading that told it last", () => {
  const readings = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 12 });
  fc.assert(
    fc.property(readings, (script) => {
      let cursor: Cursor = [];
      const levels: number[] = [];
      for (const [level, [from, length]] of script.entries()) {
        const start = Math.min(from, endOf(cursor));
        for (let task = start; task < start + length; task++) levels[task] = level;
        cursor = parseCursor(cursorText(advance(cursor, start, { level, task: start + length })));
      }
      expect(endOf(cursor)).toBe(levels.length);
      for (const [task, level] of levels.entries()) expect(stepAt(cursor, task)?.level).toBe(level);
      for (const [n, step] of cursor.entries()) expect(step.level).not.toBe(cursor[n + 1]?.level);
    }),
  );
});

test.each(["x", "1", "1.2.3", "0.5,", "-1.2", "0.10,1.5"])("%j is no cursor", (text) => {
  expect(() => parseCursor(text)).toThrow("is no cursor");
});

test("nothing told is the first task", () => {
  expect(cursorText(parseCursor(""))).toBe("0.0");
  expect(endOf(parseCursor("0.0"))).toBe(0);
});

import { expect, test } from "vitest";
import { oneOfEach } from "../src/one-of-each.ts";

test("results pass in any order, and the last one is told", () => {
  const isLast = oneOfEach(3);
  expect([2, 0, 1].map((value) => isLast(value))).toEqual([false, false, true]);
});

test.each([
  ["one comes twice", [1, 1]],
  ["one is too large", [3]],
  ["one is negative", [-1]],
  ["one is no whole number", [0.5]],
  ["one is a text", ["0"]],
  ["one is nothing", [undefined]],
])("results are refused when %s", (_, values) => {
  const isLast = oneOfEach(3);
  expect(() => values.forEach((value) => isLast(value))).toThrow("of 3");
});

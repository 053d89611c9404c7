import { expect, test } from "vitest";
import { alternate, ratios } from "../src/alternate.ts";
import { atLeast, atMost } from "../src/figure.ts";
import type { Row } from "../src/figure.ts";
import { isMet, summary } from "../src/summary.ts";
import { table } from "../src/table.ts";

const row = (values: readonly number[], more: Partial<Row> = {}): Row => ({
  label: "speed",
  unit: "×",
  values,
  ...more,
});

test("the median decides", () => {
  expect(summary([5, 1, 3])).toEqual({ minimum: 1, median: 3, maximum: 5 });
  expect(summary([1, 2, 3, 10])?.median).toBe(2.5);
  expect(summary([])).toBeUndefined();
  expect(isMet(row([1, 3, 9], { bound: atLeast(3) }))).toBe(true);
  expect(isMet(row([1, 3, 9], { bound: atMost(2.9) }))).toBe(false);
  expect(isMet(row([], { bound: atMost(1) }))).toBeUndefined();
});

test("contestants take turns, and ratios are of one round", async () => {
  const order: string[] = [];
  const contestant = (name: string, seconds: number) => async () => {
    order.push(name);
    return seconds * order.length;
  };
  const found = await alternate(2, { a: contestant("a", 1), b: contestant("b", 10) });
  expect(order.join("")).toBe("abab");
  expect(ratios(found.b, found.a)).toEqual([20, 40 / 3]);
});

test("a table tells what was measured, asked for, missed and skipped", () => {
  const rows = [
    row([11, 12, 13], { bound: atLeast(12) }),
    row([0.0123], { label: "cost", unit: "per task", bound: atMost(0.008) }),
    row([], { label: "other", skipped: "it is not installed" }),
  ];
  const lines = table([{ title: "A map", rows }], true).split("\n");
  expect(lines[2]).toBe("A map");
  expect(lines[3]).toMatch(/^ {2}speed +12 × +11 … 13 +≥ 12 × +yes$/);
  expect(lines[4]).toMatch(/^ {2}cost +0\.0123 per task +≤ 0\.008 per task +NO$/);
  expect(lines[5]).toMatch(/^ {2}other +skipped +it is not installed$/);
  expect(table([{ title: "A map", rows }], false)).not.toMatch(/yes|NO/);
});

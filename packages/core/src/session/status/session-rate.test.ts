import { expect, test } from "vitest";
import type { ChunkTally } from "./chunk-tallies.ts";
import { rateOf } from "./session-rate.ts";

const base = {
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  held: false,
  retried: 0,
  takeovers: 0,
  done: undefined,
  parts: [],
};
const now = 1_000_000;

function tally(of: Partial<ChunkTally>): ChunkTally {
  return { ...base, chunk: {} as ChunkTally["chunk"], leased: now - 120_000, ...of };
}

test("only what came within the last minute counts", () => {
  const parts = [
    { count: 100, modified: now - 61_000 },
    { count: 60, modified: now - 30_000 },
  ];
  expect(rateOf([tally({ succeeded: 160, held: true, parts })], now)).toBeCloseTo(1);
});

test("a chunk that is done had its outcomes evenly over its time", () => {
  expect(rateOf([tally({ succeeded: 1200, done: now })], now)).toBeCloseTo(10);
  expect(rateOf([tally({ succeeded: 500, failed: 100, done: now - 30_000, leased: now - 90_000 })], now)).toBeCloseTo(
    5,
  );
  expect(rateOf([tally({ succeeded: 600, done: now - 60_001 })], now)).toBe(0);
});

test("a session that is younger than a minute is measured from its first lease on", () => {
  expect(rateOf([tally({ succeeded: 50, leased: now - 10_000, done: now - 5000 })], now)).toBeCloseTo(5);
});

test("where the store tells seconds only, what came in one of them does not come at once", () => {
  expect(rateOf([tally({ succeeded: 50, leased: now, done: now })], now)).toBe(50);
  expect(rateOf([], now)).toBe(0);
});

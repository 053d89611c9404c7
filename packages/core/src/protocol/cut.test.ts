import fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf, chunkSize, cutFor, streamChunkSize } from "./cut.ts";
import { largestSegment } from "./segment.ts";

const counts = fc.integer({ min: 1, max: 1000 });

test("batches cover every position once, in order, whatever the cut", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 }), counts, (cut, count) => {
      let next = 0;
      for (const { first, count: size } of batchesOf(cut, count)) {
        expect(first).toBe(next);
        expect(size).toBeGreaterThan(0);
        next += size;
      }
      expect(next).toBe(count);
    }),
  );
});

test("unmeasured work begins with one task and doubles", () => {
  expect(batchesOf(cutFor(10, {}, 500), 10).map(({ count }) => count)).toEqual([1, 2, 4, 3]);
  expect(batchesOf(cutFor(0, {}, 500), 0)).toEqual([]);
});

test("measured work is cut by the interval", () => {
  expect(cutFor(1000, { seconds: 0.01 }, 500)).toEqual([50]);
  expect(cutFor(1000, { seconds: 3 }, 500)).toEqual([1]);
  expect(cutFor(7, { seconds: 0 }, 500)).toEqual([7]);
});

test("a batch may be half as long again as the interval: a short one behind it would be a request for nothing", () => {
  expect(cutFor(20, { seconds: 1 }, 15_000)).toEqual([20]);
  expect(batchesOf(cutFor(25, { seconds: 1 }, 15_000), 25).map(({ count }) => count)).toEqual([13, 12]);
});

test("a batch has more than a thousand tasks only where their lines are known to be short", () => {
  expect(cutFor(4000, { seconds: 1e-6, bytes: 90 }, 500)).toEqual([4000]);
  expect(cutFor(4000, { seconds: 1e-6, bytes: 700 }, 500)).toEqual([2000]);
  expect(cutFor(4000, { seconds: 1e-6, bytes: 50_000 }, 500)).toEqual([1000]);
  expect(cutFor(4000, { seconds: 1e-6 }, 500)).toEqual([1000]);
  expect(Math.max(...cutFor(4000, {}, 500))).toBe(1000);
});

test("tasks that run side by side share a batch, measured or not", () => {
  expect(batchesOf(cutFor(20, {}, 500, 8), 20).map(({ count }) => count)).toEqual([8, 12]);
  expect(cutFor(1000, { seconds: 3 }, 500, 8)).toEqual([8]);
  expect(cutFor(3, { seconds: 3 }, 500, 8)).toEqual([3]);
});

test("chunk sizes stay within a segment and are never less than what runs side by side", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000_000 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.constantFrom(8, 16),
      fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
      fc.integer({ min: 1, max: 5000 }),
      (count, slots, perSlot, seconds, least) => {
        const size = chunkSize(count, slots, perSlot, seconds, least);
        expect(Number.isInteger(size)).toBe(true);
        expect(size).toBeGreaterThanOrEqual(Math.min(least, largestSegment));
        expect(size).toBeLessThanOrEqual(largestSegment);
      },
    ),
  );
  expect(chunkSize(10_000, 10, 16)).toBe(62);
  expect(chunkSize(10, 10, 16)).toBe(1);
});

test("known work is cut into chunks of 25 s, each one commit where these are 20 s apart, or into four at least", () => {
  expect(chunkSize(10_000, 100, 8, 1)).toBe(25);
  expect(batchesOf(cutFor(25, { seconds: 1 }, 20_000), 25)).toHaveLength(1);
  expect(chunkSize(15_000, 100, 8, 1)).toBe(25);
  expect(chunkSize(400, 100, 8, 1)).toBe(1);
  expect(chunkSize(100_000, 100, 8, 1)).toBe(125);
});

test("a stream starts at one task and doubles up to 20 s of work", () => {
  expect([0, 1, 2, 10, 60].map((append) => streamChunkSize(append))).toEqual([1, 2, 4, 1000, 1000]);
  expect([0, 3, 10].map((append) => streamChunkSize(append, 5))).toEqual([1, 4, 4]);
  expect(streamChunkSize(0, undefined, 8)).toBe(8);
});

import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

test("gives what becomes of each in order, with no more than so many on their way", async () => {
  let now = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const work = async (n: number) => {
    most = Math.max(most, ++now);
    await new Promise<void>((resolve) => ends.push(resolve));
    now--;
    return n * n;
  };
  const found: (readonly [number, number])[] = [];
  const done = (async () => {
    for await (const one of inParallel([1, 2, 3, 4, 5], 3, work)) found.push(one);
  })();
  expect(now).toBe(3);
  // The last ones first.
  while (found.length < 5) {
    ends.pop()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(found).toEqual([1, 2, 3, 4, 5].map((n) => [n, n * n]));
  expect(most).toBe(3);
});

test("rejects in its place, and whoever stops before hears nothing of it", async () => {
  const work = async (n: number) => {
    if (n === 2) throw new Error("no two");
    return n;
  };
  const found: number[] = [];
  const all = async () => {
    for await (const [n] of inParallel([1, 2, 3], 3, work)) found.push(n);
  };
  await expect(all()).rejects.toThrow("no two");
  expect(found).toEqual([1]);
  for await (const [n] of inParallel([1, 2, 3], 3, work)) if (n === 1) break;
  await new Promise((resolve) => setImmediate(resolve));
});

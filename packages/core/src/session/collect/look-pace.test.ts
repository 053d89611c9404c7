import { expect, test } from "vitest";
import { followInterval, looksAreDear, waitAfter, waitBehind, waitForLast } from "./look-pace.ts";
import { PartLooks } from "./part-looks.ts";

const directory = { poll: [2, 1000] } as const;
const s3 = { poll: [1000, 30_000] } as const;

test("only where a look costs money looks are counted", () => {
  expect([directory, s3].map(looksAreDear)).toEqual([false, true]);
  expect([directory, s3].map(followInterval)).toEqual([50, 15_000]);
});

test("a look comes when several commits are likely to have come, as far as they come often enough", () => {
  expect(waitBehind(100, 5000, s3)).toBe(1000);
  expect(waitBehind(4, 2000, s3)).toBe(4000);
  expect(waitBehind(1, 5000, s3)).toBe(10_000);
  expect(waitBehind(1, 40, directory)).toBe(20);
  expect(waitBehind(1, 100, directory)).toBe(25);
  expect(waitBehind(1, 3000, directory)).toBe(750);
  expect(waitBehind(1, 60_000, directory)).toBe(1000);
});

test("the last chunk is looked for more often where that costs nothing", () => {
  expect([100, 4].map((wait) => waitForLast(wait, directory))).toEqual([25, 2]);
  expect(waitForLast(4000, s3)).toBe(4000);
});

test("looks in vain are further and further apart, up to 10 s on S3 and 1 s on a directory", () => {
  const looks = (pace: typeof s3 | typeof directory, within: number) => {
    let count = 0;
    for (let at = 0; at < within; count++) at += waitAfter(count, pace.poll[0], pace);
    return count;
  };
  expect(looks(s3, 25_000)).toBe(9);
  expect(looks(directory, 25_000)).toBeGreaterThan(80);
  expect(waitAfter(1000, 1000, s3)).toBe(10_000);
  expect(waitAfter(1000, 2, directory)).toBe(1000);
});

test("where parts were never found they are listed by each fourth look, until one is found", () => {
  const looks = new PartLooks(s3, 4);
  const listed = (count: number) =>
    Array.from({ length: count }, () => {
      const due = looks.due(1);
      if (due) looks.told(false);
      return due;
    });
  expect(looks.due(0)).toBe(false);
  expect(listed(12)).toEqual([true, true, true, true, false, false, false, true, false, false, false, true]);
  looks.told(true);
  expect(listed(5)).toEqual([true, true, true, true, false]);
});

test("where looks cost nothing only those count that found nothing at all", () => {
  const each = new PartLooks(directory, 1);
  const some = new PartLooks(directory, 4);
  expect([0, 1, 7, 9].map((quiet) => each.due(quiet))).toEqual([false, true, true, true]);
  expect([0, 1, 7, 9, 12].map((quiet) => some.due(quiet))).toEqual([false, true, true, false, true]);
});

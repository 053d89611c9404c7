import { expect, test } from "vitest";
import { LookPace } from "./look-pace.ts";

test("short commands are looked at when about half of them should have ended", () => {
  const pace = new LookPace();
  pace.heard(10, 10);
  expect(pace.until(20)).toBe(10);
});

test("no look comes at once, and none late, whatever the commands take", () => {
  const pace = new LookPace();
  pace.heard(100, 1);
  const soonest = pace.until(1);
  pace.heard(1, 3_600_000);
  for (let n = 0; n < 30; n++) pace.heard(1, 3_600_000);
  const latest = pace.until(100);
  expect(soonest).toBeGreaterThan(0);
  expect(latest).toBeGreaterThan(soonest);
  expect(latest).toBeLessThan(50);
});

test("one that took long does not make the short ones behind it late", () => {
  const pace = new LookPace();
  pace.heard(10, 10);
  pace.heard(1, 60_000);
  expect(pace.until(8)).toBeLessThanOrEqual(8);
});

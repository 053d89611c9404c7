import { expect, test } from "vitest";
import { Clock } from "../src/clock.ts";

const noon = Date.UTC(2026, 0, 1, 12);
const at = (ms: number) => new Date(noon + ms).toUTCString();

test("goes by the newest answer and the time since, and asks again after 30 s", () => {
  let monotonic = 1000;
  const clock = new Clock(() => monotonic);
  expect(clock.read()).toBeUndefined();
  clock.answered(at(0));
  expect(clock.read()).toBe(noon);
  monotonic += 29_000;
  expect(clock.read()).toBe(noon + 29_000);
  monotonic += 1001;
  expect(clock.read()).toBeUndefined();
});

test("hardly ever goes back: headers are rounded down, so that the highest is the best", () => {
  let monotonic = 0;
  const clock = new Clock(() => monotonic);
  clock.answered(at(0));
  // The server's time is 12:00:01.9 now, and its header says 12:00:01.
  monotonic = 1900;
  clock.answered(at(1000));
  expect(clock.read()).toBe(noon + 1900);
  monotonic = 2000;
  clock.answered(at(3000));
  expect(clock.read()).toBe(noon + 3000);
});

test("follows a service whose clock was set back, after 30 s", () => {
  let monotonic = 0;
  const clock = new Clock(() => monotonic);
  clock.answered(at(60_000));
  for (monotonic = 1000; monotonic <= 31_000; monotonic += 1000) clock.answered(at(monotonic));
  expect(clock.read()).toBe(noon + 32_000);
});

test("catches up at once after the machine slept", () => {
  let monotonic = 0;
  const clock = new Clock(() => monotonic);
  clock.answered(at(0));
  monotonic = 10;
  clock.answered(at(3_600_000));
  expect(clock.read()).toBe(noon + 3_600_000);
});

test("takes no notice of what is no time", () => {
  const clock = new Clock(() => 0);
  clock.answered(undefined);
  clock.answered("yesterday");
  expect(clock.read()).toBeUndefined();
});

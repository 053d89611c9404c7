import { expect, test } from "vitest";
import { played } from "./play.ts";

test("room that a provider has is taken within a period", { timeout: 300_000 }, async () => {
  const told = await played("--waves", "--seeds", "8");
  const seeds = [...told.matchAll(/idle for ([\d.]+) s at the most, a period is ([\d.]+) s/g)];
  expect(seeds.length).toBe(8);
  expect(seeds.filter(([, idle, period]) => Number(idle) > Number(period)).map(([text]) => text)).toEqual([]);
});

// Fresh ones each day.
test("100 fresh seeds stay within their budgets, but for a batch of each worker", { timeout: 900_000 }, async () => {
  const from = Math.floor(Date.now() / 86_400_000) * 1000;
  expect(await played("--money", "--seeds", "100", "--from", String(from))).toMatch(
    new RegExp(`^100 seeds from ${from} on: 0 broken, [\\d.]+ s\\.\\n$`),
  );
});

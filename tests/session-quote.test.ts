import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { listSessions, open, prices } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { square } from "./session-tasks.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skyburst-quote-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true, maxRetries: 3 }));

test("a quote tries some inputs, counts all of them, and leaves nothing behind", async () => {
  const store = directory(place);
  const costs = prices({ worker: 0.5 });
  await using session = await open({ backend: local(), store, costs, workers: 2, linger: 0 });
  const inputs = (function* () {
    for (let n = 0; n < 5000; n++) yield n;
  })();
  const quote = await session.quote(square, inputs, { workers: [1, 4], sample: 3, local: local() });
  expect(quote.job.tasks).toBe(5000);
  expect(quote.job.seconds).toHaveLength(3);
  expect(quote.estimates.map(({ place: at, asked }) => [at, asked])).toEqual([
    ["local", 1],
    ["local", 1],
    ["local", 4],
  ]);
  const [here, , there] = quote.estimates;
  // At home nobody bills the time.
  expect(here?.cost.workers?.p50).toBe(0);
  expect(there?.cost.workers?.p50).toBeGreaterThan(0);
  expect(there?.assumptions.rate).toMatchObject({ amount: 0.5, source: "a price sheet of your own" });
  expect(quote.because).not.toBe("");
  expect((await listSessions(store)).map(({ id }) => id)).toEqual([session.id]);
  expect((await session.status()).tasks).toBe(0);
});

test("a task that fails on each input that is tried can't be quoted", async () => {
  await using session = await open({ backend: local(), store: directory(place), workers: 1, linger: 0 });
  const failing = () => {
    throw new Error("no");
  };
  await expect(session.quote(failing, [1, 2, 3], { workers: [1] })).rejects.toThrow("all that were tried failed");
  await expect(session.quote(square, [1], { workers: [1], sample: 0 })).rejects.toThrow("sample is 0");
});

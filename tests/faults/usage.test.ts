import { readFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, open } from "@skyburst/core";
import type { Rate, SessionUsage, StateStore } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { allEnded, eventually, linesOf, openSession, temporaryDirectory } from "./session-under-test.ts";
import { open as counted } from "./stores/counted.ts";
import { gated, square } from "./tasks.ts";

beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", temporaryDirectory());
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What the store itself wrote down. */
function account(log: string): Pick<SessionUsage, "requests" | "bytes"> {
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  const requests = { create: 0, get: 0, list: 0, put: 0, delete: 0 };
  const bytes = { sent: 0, received: 0 };
  for (const line of lines) {
    const [kind = "", size] = line.split(" ");
    requests[kind as keyof typeof requests]++;
    bytes[kind === "get" ? "received" : "sent"] += Number(size);
  }
  return { requests, bytes };
}

const session = (store: StateStore) => open({ backend: local(), store, workers: 2, spec: { slots: 1 } });

test.each([false, true])(
  "is all that client and workers sent, as the store wrote it down (repetitions of its own: %s)",
  async (twice) => {
    const place = temporaryDirectory();
    const log = join(place, "log");
    const store = counted({ path: join(place, "objects"), log, twice });
    const opened = await session(store);
    expect(await opened.map(square, [1, 2, 3, 4]).values()).toEqual([1, 4, 9, 16]);
    await opened.close();
    const { requests, bytes } = account(log);
    const told = await opened.usage();
    // What a store repeats of the last word itself, the word can't tell: one create of each of the two workers.
    const untold = twice ? requests.create - told.requests.create : 0;
    expect(untold).toBeLessThanOrEqual(2);
    expect(told).toMatchObject({ requests: { ...requests, create: requests.create - untold }, unheard: 0 });
    expect(told.cost).toBeUndefined();
    // A last word can't hold its own length.
    expect(Math.abs(told.bytes.sent - bytes.sent)).toBeLessThan(1000);
    expect(told.bytes.received).toBe(bytes.received);
    // A reader from elsewhere is told the same, but what the client did after it told: it saw its workers off, and said that it has gone.
    const reader = await attachSession(counted({ path: join(place, "objects"), log, twice }), opened.id);
    const elsewhere = await reader.usage();
    expect(elsewhere.unheard).toBe(0);
    expect(elsewhere.requests.put).toBe(requests.put);
    expect(requests.create - elsewhere.requests.create).toBeLessThanOrEqual(twice ? 8 : 3);
  },
);

test("a worker that was killed before it said a word is not counted, and is said to be missing", async () => {
  const { session, backend, scratch } = await openSession({ workers: 1, ttl: 600_000 });
  const values = session.map(gated, [{ scratch, n: 0 }]).values();
  values.catch(() => undefined);
  const [pid] = await eventually("The start of the task", () => {
    const pids = linesOf(join(scratch, "runs-0"));
    return pids.length > 0 && pids;
  });
  expect((await session.usage()).unheard).toBe(1);
  process.kill(Number(pid), "SIGKILL");
  await eventually("Another worker's run of the task", () => linesOf(join(scratch, "runs-0")).length === 2);
  await session.close();
  await allEnded(backend, session.id);
  expect((await session.usage()).unheard).toBe(1);
});

test("costs what the store says, or the user: a directory is free, what is unknown has no price", async () => {
  const store = directory(temporaryDirectory());
  await using free = await session(store);
  expect(await free.usage()).toMatchObject({ cost: { requests: { amount: 0, currency: "USD" } } });
  const rate: Rate = { amount: 0.001, range: [0.0005, 0.002], currency: "EUR", unit: "request", source: "a test" };
  const requests = {
    create: rate,
    get: rate,
    list: rate,
    put: rate,
    delete: { ...rate, amount: 0, range: [0, 0] as const },
  };
  const rates = { requests, storage: { ...rate, unit: "GB-month" as const }, transfer: { in: rate, out: rate } };
  const costs = { worker: async () => undefined, store: async () => rates };
  await using priced = await open({ backend: local(), store, costs });
  await priced.share("something");
  const { requests: sent, cost } = await priced.usage();
  const count = sent.create + sent.get + sent.list + sent.put;
  expect(cost?.requests.amount).toBeCloseTo(count * 0.001);
  expect(cost?.requests.range?.[1]).toBeCloseTo(count * 0.002);
  expect(cost).toMatchObject({ requests: { currency: "EUR" }, rates: { requests: { get: { source: "a test" } } } });
});

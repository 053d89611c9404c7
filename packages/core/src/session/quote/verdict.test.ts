import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/memory-store.ts";
import type { Backend, BackendCapabilities } from "../../backend.ts";
import type { Rate } from "../../costs.ts";
import { prices } from "../../prices.ts";
import { quoteJob } from "./quote-job.ts";
import type { QuotePlace, TriedJob } from "./quote-job.ts";

const job: TriedJob = { tasks: 2000, seconds: [4, 5, 6], bytes: { input: 100, output: 1000 } };

class FarStore extends MemoryStore {
  override readonly pace = { ttl: 60_000, commitInterval: 15_000, poll: [1000, 30_000] as const, chunksPerSlot: 8 };
}

function backend(name: string, rate: number | undefined, capabilities: Partial<BackendCapabilities> = {}): Backend {
  const told: Rate | undefined =
    rate === undefined ? undefined : { amount: rate, currency: "USD", unit: "hour", source: "made up" };
  return {
    name,
    capabilities: {
      spec: [],
      maxWorkers: 1000,
      slots: 1,
      token: false,
      sharesFileSystem: false,
      spot: false,
      ...capabilities,
    },
    launch: () => Promise.reject(new Error("a quote launches nothing")),
    list: () => Promise.resolve([]),
    stop: () => Promise.resolve(),
    rate: () => Promise.resolve(told),
  };
}

const here: QuotePlace = {
  backend: backend("local", 0, { sharesFileSystem: true, slots: 4, startup: 150 }),
  store: new MemoryStore(),
  workers: [1],
};

function cloud(rate: number | undefined, more: Partial<BackendCapabilities> = {}): QuotePlace {
  return {
    backend: backend("cloud", rate, { startup: 30_000, minimumBilling: 60_000, ...more }),
    store: new MemoryStore(),
    workers: [10, 50],
  };
}

test("a long job is worth leaving for, and the quote says for what", async () => {
  const quote = await quoteJob(job, [here, cloud(0.05)]);
  const shown = quote.estimates.map(({ place, asked, workers }) => `${place} ${asked} ${workers}`);
  expect(shown).toEqual(["local 1 1", "cloud 10 10", "cloud 50 50"]);
  // Some 10,000 s of work: on 4 processors 42 min, on 50 workers 4.
  expect(quote.estimates[0]?.wall.p50).toBeGreaterThan(2400);
  expect(quote.estimates[2]?.wall.p50).toBeLessThan(260);
  expect(quote.best).toBe(2);
  expect(quote.because).toMatch(/^cloud with 50 workers takes \d.* min instead of 4\d min on local, for USD 0\.\d+$/);
});

test("a short job stays where it is", async () => {
  const quote = await quoteJob({ ...job, tasks: 20 }, [here, cloud(0.05)]);
  expect(quote.best).toBe(0);
  expect(quote.because).toMatch(/^staying on local is best: it takes \d+ s, and cloud with \d+ workers \d+ s for USD/);
});

test("of what is about as quick, the cheapest; what nobody knows the price of is never that", async () => {
  const twice: QuotePlace = { ...cloud(0.05), workers: [50, 45] };
  const quote = await quoteJob(job, [here, { ...twice, name: "dear" }]);
  expect(quote.estimates[quote.best]?.asked).toBe(45);
  const unknown = await quoteJob(job, [here, cloud(undefined), { ...cloud(0.05), name: "known" }]);
  expect(unknown.estimates[unknown.best]).toMatchObject({ place: "known", asked: 50 });
  const only = await quoteJob(job, [here, cloud(undefined)]);
  expect(only.because).toContain("for a price that nobody knows");
});

test("processors of one machine are shared by all that runs on it", async () => {
  const places: QuotePlace[] = [{ ...here, spec: { slots: 2 }, workers: [1, 2, 8] }];
  const [one, two, eight] = (await quoteJob(job, places)).estimates;
  expect((two?.wall.p50 ?? 0) / (one?.wall.p50 ?? 1)).toBeCloseTo(0.5, 1);
  expect((eight?.wall.p50 ?? 0) / (two?.wall.p50 ?? 1)).toBeCloseTo(1, 1);
  expect(eight?.assumptions.slowdown).toBe(4);
});

test("a price sheet of one's own prices what the backend does not", async () => {
  const requests = { create: 5, get: 0.4, list: 5, put: 5, delete: 0 };
  const costs = prices({ worker: 1, requests, storage: 0.023, transfer: 0 });
  const place = { ...cloud(undefined), store: new FarStore(), costs, workers: [10] };
  const [estimate] = (await quoteJob(job, [place])).estimates;
  expect(estimate?.unknown).toEqual([]);
  const { total, workers, requests: asked, storage, transfer } = estimate?.cost ?? {};
  expect(transfer?.p50).toBe(0);
  expect(workers?.p50).toBeCloseTo(estimate?.hours.p50 ?? 0, 9);
  expect(total?.p50).toBeCloseTo((workers?.p50 ?? 0) + (asked?.p50 ?? 0) + (storage?.p50 ?? 0), 2);
});

const wrong: readonly [string, Partial<TriedJob>, readonly number[], string][] = [
  ["no task", { tasks: 0 }, [1], "tasks is 0; a quote needs one input at least."],
  ["nothing that succeeded", { seconds: [] }, [1], "all that were tried failed"],
  ["no size", {}, [], "workers is empty; it has to be whole numbers of at least 1."],
  ["half a worker", {}, [1, 0.5], "workers is 0.5; it has to be whole numbers of at least 1."],
];

test.each(wrong)("refuses %s", async (_, more, workers, message) => {
  await expect(quoteJob({ ...job, ...more }, [{ ...here, workers }])).rejects.toThrow(message);
});

test("a million tasks on hundreds of workers are quoted as well", async () => {
  const place: QuotePlace = { ...cloud(0.05, { slots: 4 }), workers: [500] };
  const { estimates } = await quoteJob({ ...job, tasks: 1_000_000 }, [place]);
  // 5,000,000 s of work for 2,000 slots.
  expect((estimates[0]?.wall.p50 ?? 0) / 2530).toBeCloseTo(1, 1);
});

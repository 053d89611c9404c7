import { expect, test } from "vitest";
import { ownCosts } from "./costs.ts";
import { prices } from "./prices.ts";
import type { PriceSheet } from "./prices.ts";
import { MemoryStore } from "../test/memory-store.ts";

test("a price sheet tells rates with everything that it says of them", async () => {
  const costs = prices({
    worker: { perHour: 0.2, spotRange: [0.04, 0.08] },
    requests: { create: 5, get: 0.4, list: 5, put: 5, delete: 0 },
    storage: 0.02,
    transfer: { in: 0, out: 0.09 },
    currency: "EUR",
    region: "here",
    date: "2026-11-21",
    source: "our invoice",
  });
  const from = { currency: "EUR", region: "here", date: "2026-11-21", source: "our invoice" };
  expect(await costs.worker({})).toEqual({ amount: 0.2, unit: "hour", ...from });
  const spot = await costs.worker({ spot: true });
  expect(spot).toEqual({ amount: expect.closeTo(0.06), range: [0.04, 0.08], unit: "hour", ...from });
  const store = await costs.store();
  expect(store?.requests.create).toEqual({ amount: 0.005, unit: "request", ...from });
  expect(store?.requests.delete.amount).toBe(0);
  expect(store?.storage).toEqual({ amount: 0.02, unit: "GB-month", ...from });
  expect(store?.transfer).toMatchObject({ in: { amount: 0 }, out: { amount: 0.09, unit: "GB" } });
});

test("what it leaves out is unknown, and not free", async () => {
  const nothing = prices({});
  expect([await nothing.worker({}), await nothing.store()]).toEqual([undefined, undefined]);
  const requests = { create: 1, get: 1, list: 1, put: 1, delete: 1 };
  expect(await prices({ requests }).store()).toEqual({ requests: expect.anything() });
});

test("of workers on another backend it knows nothing", async () => {
  const costs = prices({ worker: 1, backend: "fargate" });
  expect((await costs.worker({}, "fargate"))?.amount).toBe(1);
  expect((await costs.worker({}))?.amount).toBe(1);
  expect(await costs.worker({}, "local")).toBeUndefined();
});

test("what it leaves out, backend and store are asked for", async () => {
  const rate = { amount: 3, currency: "USD", unit: "hour", source: "the backend" } as const;
  const costs = ownCosts(new MemoryStore(), { name: "b", rate: () => Promise.resolve(rate) } as never, prices({}));
  expect(await costs.worker({})).toBe(rate);
  expect(await costs.worker({}, "b")).toBe(rate);
  expect(await costs.worker({}, "another")).toBeUndefined();
  expect((await ownCosts(new MemoryStore(), undefined, prices({ worker: 1 })).worker({}))?.amount).toBe(1);
});

const wrong: readonly [unknown, string][] = [
  [{ worker: -1 }, "prices: worker is -1; it has to be a price per hour, 0 or more."],
  [{ worker: "5" }, 'prices: worker is "5"; it has to be a price per hour, 0 or more.'],
  [{ worker: {} }, "prices: worker.perHour is undefined; it has to be a price per hour, 0 or more."],
  [
    { worker: { perHour: 1, spotRange: [2, 1] } },
    "prices: worker.spotRange is [2,1]; it has to be the lowest and the highest price per hour.",
  ],
  [
    { requests: { create: 1, get: 1, list: NaN, put: 1, delete: 1 } },
    "prices: requests.list is NaN; it has to be a price per 1,000 of them, 0 or more.",
  ],
  [{ storage: 1 }, "prices: requests is missing; give it beside storage and transfer, 0 for what is free."],
  [{ currency: "dollars" }, 'prices: currency is "dollars"; it has to be three letters, as USD.'],
  [{ date: "21.11." }, 'prices: date is "21.11."; it has to be the day on which prices were read, as 2026-11-21.'],
  [{ source: "" }, 'prices: source is ""; it has to be a text that is not empty.'],
  [
    { wroker: 1 },
    "prices: wroker is unknown; a price sheet has worker, backend, requests, storage, transfer, currency, region, date, source.",
  ],
];

test.each(wrong)("refuses %j", (sheet, message) => {
  expect(() => prices(sheet as PriceSheet)).toThrow(message);
});

test("tells every fault at once, a line each", () => {
  expect(() => prices({ worker: -1, currency: "$", date: "soon" })).toThrow(
    /^prices: worker.*\nprices: currency.*\nprices: date.*$/,
  );
});

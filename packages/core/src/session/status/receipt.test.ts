import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import type { CostEstimator } from "../../costs.ts";
import { prices } from "../../prices.ts";
import { jsonBody } from "../../protocol/lines.ts";
import { attachSession } from "../attach.ts";
import type { Receipt } from "./receipt.ts";

/** A worker second costs a tenth of a cent. */
const sheet = prices({
  worker: { perHour: 3.6, spotRange: [1.8, 3.6] },
  requests: { create: 1, get: 0, list: 0, put: 0, delete: 0 },
});

const usage = { create: 100, lost: 0, get: 10, list: 1, put: 2, delete: 0, sent: 1000, received: 500 };

/** Times are seconds on the store's clock. */
class Played extends PlayedSession {
  async at(second: number, key: string, body: object): Promise<void> {
    this.store.clock = second * 1000;
    await this.store.create(key, jsonBody({ v: 1, ...body }));
  }

  launch(n: number, backend: string, spec: object): Promise<void> {
    return this.at(1, this.keys.launch(n), { backend, spec });
  }

  born(second: number, n: number, j: number): Promise<void> {
    return this.at(second, this.keys.born(n, j, 0), { incarnation: `${n}.${j}.0.worker` });
  }

  /** `usage`: it said so itself, with what it had done. */
  gone(second: number, n: number, j: number, reason: string, words = {}): Promise<void> {
    return this.at(second, this.keys.gone(`${n}.${j}.0.worker`), { reason, ...words });
  }

  exit(n: number, j: number, reason: string, started: number, stopped: number): Promise<void> {
    const times = { startedAt: started * 1000, stoppedAt: stopped * 1000 };
    return this.at(stopped, this.keys.exit(n, j), { id: "m", reason, ...times, by: "somebody" });
  }

  async receipt(costs: CostEstimator | undefined): Promise<Receipt> {
    return (await attachSession(this.store, this.id, { runtime: this.runtime, costs })).receipt();
  }
}

async function played(spec = {}, minimumBilling = 0): Promise<Played> {
  const session = new Played(new MemoryStore());
  await session.create({
    ttl: 10_000,
    fleet: { workers: 2, backend: "cloud", spec, ...(minimumBilling ? { minimumBilling } : {}) },
  });
  await session.submit("a", 8, 4);
  await session.launch(0, "cloud", { slots: 2, ...spec });
  return session;
}

const told = (attempts: number, seconds: number, retried = 0, returned = 0) => ({
  usage,
  work: { attempts, seconds, wasted: { retried, returned } },
});

test("adds up to the rate times the time that the provider tells", async () => {
  const session = await played({}, 60_000);
  await session.born(12, 0, 0);
  await session.run(0);
  await session.run(1);
  await session.gone(112, 0, 0, "over", told(8, 150, 5, 1));
  await session.exit(0, 0, "done", 10, 113);
  // Never came to work, and costs its shortest time.
  await session.exit(0, 1, "error", 10, 20);
  session.store.clock = 200_000;
  const receipt = await session.receipt(sheet);
  expect(receipt).toMatchObject({
    state: "done",
    final: true,
    at: 200_000,
    tasks: { tasks: 8, succeeded: 8, failed: 0 },
  });
  expect(receipt.workers).toMatchObject({ processes: 2, live: 0, told: 2, rates: [{ amount: 3.6 }] });
  expect(receipt.workers.hours).toBeCloseTo(163 / 3600, 6);
  expect(receipt.cost.workers?.amount).toBeCloseTo(0.163, 6);
  expect(receipt.idleShare).toBeCloseTo(1 - 150 / 206, 6);
  expect(receipt.waste.retries).toMatchObject({ seconds: 5, cost: { amount: expect.closeTo(0.0025, 6) } });
  expect(receipt.waste.lost).toMatchObject({ seconds: 1, workers: 1, cost: { amount: expect.closeTo(0.0005, 6) } });
  expect(receipt.usage).toMatchObject({ requests: { create: 100, get: expect.any(Number) }, unheard: 0 });
  expect(receipt.cost.requests?.amount).toBeCloseTo(0.1, 6);
  expect(receipt.cost.total?.amount).toBeCloseTo(0.263, 6);
  expect(receipt.perThousand?.amount).toBeCloseTo((0.263 * 1000) / 8, 6);
  expect(receipt.unknown).toEqual(["storage", "transfer"]);
});

test("what nobody knows the price of is named, and is not free", async () => {
  const session = await played();
  await session.born(12, 0, 0);
  await session.gone(112, 0, 0, "over", told(8, 100));
  const receipt = await session.receipt(undefined);
  expect(receipt.cost).toEqual({});
  expect(receipt.unknown).toEqual(["workers", "requests", "storage", "transfer"]);
  expect(receipt.perThousand).toBeUndefined();
  expect(receipt.workers).toMatchObject({ processes: 1, told: 0, rates: [] });
  expect(receipt.workers.hours).toBeCloseTo(100 / 3600, 6);
});

test("workers of another backend are not priced by this one", async () => {
  const session = await played({}, 60_000);
  await session.launch(1, "local", { slots: 4 });
  await session.born(10, 0, 0);
  await session.gone(110, 0, 0, "over", told(4, 100));
  await session.born(10, 1, 0);
  await session.gone(50, 1, 0, "closed", told(4, 80));
  const receipt = await session.receipt(prices({ worker: 3.6, backend: "cloud" }));
  expect(receipt.cost.workers?.amount).toBeCloseTo(0.1, 6);
  expect(receipt.unknown).toContain("workers");
  expect(receipt.workers.hours).toBeCloseTo(140 / 3600, 6);
  expect(receipt.idleShare).toBeCloseTo(1 - 180 / (200 + 160), 6);
});

test("a price that moves is told with its range", async () => {
  const session = await played({ spot: true });
  await session.born(10, 0, 0);
  await session.gone(110, 0, 0, "over", told(4, 100));
  const { cost } = await session.receipt(sheet);
  expect(cost.workers).toEqual({
    amount: expect.closeTo(0.075, 6),
    range: [expect.closeTo(0.05, 6), expect.closeTo(0.1, 6)],
    currency: "USD",
  });
  expect(cost.total?.range).toEqual([expect.closeTo(0.15, 6), expect.closeTo(0.2, 6)]);
});

test("of a worker that was killed, what ran since its last commit is lost, in all its slots", async () => {
  const session = await played();
  await session.born(10, 0, 0);
  await session.born(10, 0, 1);
  session.store.clock = 20_000;
  const turn = await session.claim(0, 2, "0.1.0.worker");
  if (!turn) throw new Error("It was free.");
  session.store.clock = 50_000;
  await session.commit(turn, () => "succeeded");
  await session.gone(70, 0, 1, "spot");
  await session.exit(0, 1, "spot", 10, 70);
  await session.at(80, session.keys.lease({ s: 0, i: 0, t: 0, e: 2 }), { owner: "0.0.0.worker", because: "left" });
  // Lost as well, and held nothing.
  await session.exit(0, 2, "lost", 10, 30);
  await session.gone(110, 0, 0, "over", told(8, 100));
  const { waste } = await session.receipt(sheet);
  expect(waste.lost).toEqual({
    seconds: 40,
    workers: 2,
    cost: { amount: expect.closeTo(0.02, 6), currency: "USD" },
  });
});

test("those who live cost until now, and those who fell silent until they were heard of last", async () => {
  const session = await played();
  await session.born(10, 0, 0);
  session.store.clock = 15_000;
  const living = await session.receipt(sheet);
  expect(living).toMatchObject({ final: false, workers: { processes: 1, live: 1 } });
  expect(living.cost.workers?.amount).toBeCloseTo(0.005, 6);
  session.store.clock = 500_000;
  const silent = await session.receipt(sheet);
  expect(silent).toMatchObject({ final: true, workers: { processes: 1, live: 0 } });
  expect(silent.cost.workers?.amount).toBe(0);
});

test("storage and transfer are counted by bytes, where they have a price", async () => {
  const session = await played();
  await session.born(10, 0, 0);
  const bytes = { ...usage, sent: 2 ** 30, received: 2 ** 31 };
  await session.gone(20, 0, 0, "over", { ...told(4, 10), usage: bytes });
  session.store.clock = 20_000 + 30 * 86_400_000;
  const requests = { create: 0, get: 0, list: 0, put: 0, delete: 0 };
  const { cost, unknown } = await session.receipt(
    prices({ worker: 0, requests, storage: 0.02, transfer: { in: 0, out: 0.1 } }),
  );
  expect(cost.storage?.amount).toBeCloseTo(0.02, 4);
  expect(cost.transfer?.amount).toBeCloseTo(0.2, 6);
  expect(unknown).toEqual([]);
});

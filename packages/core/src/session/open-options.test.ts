import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../test/memory-store.ts";
import type { Backend } from "../backend.ts";
import { facts as factsOf } from "../protocol/facts.ts";
import { sessionKeys } from "../protocol/keys.ts";
import { readLedger } from "../protocol/read-ledger.ts";
import { prices } from "../prices.ts";
import { usd } from "./budget.ts";
import { open } from "./open.ts";

const backend: Backend = {
  name: "nowhere",
  capabilities: {
    spec: ["slots", "env"],
    maxWorkers: 10,
    slots: 1,
    token: true,
    sharesFileSystem: false,
    spot: false,
  },
  launch: ({ slots }) =>
    Promise.resolve({ started: [], refused: slots.map((slot) => ({ slot, kind: "quota", message: "" })) }),
  list: () => Promise.resolve([]),
  stop: () => Promise.resolve(),
  rate: () => Promise.resolve({ amount: 1, currency: "USD", unit: "hour", source: "this test" }),
};

const keeping: Backend = { ...backend, capabilities: { ...backend.capabilities, secrets: true } };

test("what a session is to keep is in its first entry, but for the environment and the secrets of its workers", async () => {
  const store = new MemoryStore();
  store.clock = 1_000_000;
  const session = await open({
    backend: keeping,
    store,
    runtime: virtualRuntime(),
    supervise: false,
    workers: 7,
    spec: { slots: 2, env: { TOKEN: "hidden" } },
    secrets: { B_KEY: "hidden as well", A_KEY: "hidden too" },
    deadline: new Date(2_000_000),
    idleTimeout: 60_000,
    budget: usd(5),
  });
  const ledger = await readLedger(factsOf(store, virtualRuntime()), sessionKeys(session.id));
  expect(ledger?.session).toMatchObject({
    deadline: 2_000_000,
    idleTimeout: 60_000,
    budget: { amount: 5, currency: "USD" },
    secrets: ["A_KEY", "B_KEY"],
    fleet: { workers: 7, backend: "nowhere", spec: { slots: 2 } },
  });
  expect([...store.objects.values()].map((body) => Buffer.from(body).toString()).join("")).not.toContain("hidden");
  expect([...store.objects.keys()].some((key) => key.includes("/supervisor/"))).toBe(false);
  await session.detach();
});

test("what may be spent is in the first entry, and the shortest time that is billed", async () => {
  const store = new MemoryStore();
  const capabilities = { ...backend.capabilities, minimumBilling: 60_000 };
  const session = await open({
    backend: { ...backend, capabilities, rate: () => Promise.resolve(undefined) },
    store,
    runtime: virtualRuntime(),
    supervise: false,
    costs: prices({ worker: { perHour: 5, spotRange: [1, 3] } }),
    budget: usd(50),
    warnAt: usd(40),
    maxRate: usd(5).perHour,
    startTimeout: 30_000,
  });
  const ledger = await readLedger(factsOf(store, virtualRuntime()), sessionKeys(session.id));
  expect(ledger?.session).toMatchObject({ startTimeout: 30_000, fleet: { minimumBilling: 60_000 } });
  const { budget, warnAt, maxRate } = ledger?.session ?? {};
  expect([budget, warnAt, maxRate]).toEqual([50, 40, 5].map((amount) => ({ amount, currency: "USD" })));
  await session.detach();
});

test.each([
  [{ deadline: 999_999 }, "has passed"],
  [{ deadline: new Date("never") }, "deadline is no time"],
  [{ idleTimeout: 0 }, "idleTimeout is 0 ms"],
  [{ budget: { amount: -1, currency: "USD" } }, "The budget is -1"],
  [{ budget: { amount: 1, currency: "dollars" } }, "three letters"],
  [{ budget: usd(5).perHour }, "The budget is an amount per hour; give it as one, as usd(5)."],
  [{ warnAt: { amount: 0, currency: "USD" } }, "The warnAt is 0; it has to be an amount of more than 0"],
  [{ warnAt: { amount: 1, currency: "EUR" } }, "The warnAt is in EUR and a worker costs USD. Give the warnAt in USD."],
  [{ maxRate: usd(5) as never }, "The maxRate is an amount; give it per hour, as usd(20).perHour."],
  [{ maxRate: usd(0.5).perHour }, "pays for no worker: one costs USD 1 an hour. Raise maxRate to at least that."],
  [
    { budget: usd(5), backend: { ...backend, rate: () => Promise.resolve(undefined) } },
    "nobody knows what a worker of this backend costs",
  ],
  [{ startTimeout: 10 }, "startTimeout is 10 ms"],
  [{ taskTimeout: 0 }, "timeout is 0"],
  [{ retries: -1 }, "retries is -1"],
  [{ workers: 0 }, "workers is 0"],
  [{ expires: Number.NaN }, "expires is NaN"],
])("%o is refused by name", async (options, message) => {
  const store = new MemoryStore();
  store.clock = 1_000_000;
  const opening = open({ backend, store, runtime: virtualRuntime(), ...options });
  await expect(opening).rejects.toMatchObject({ code: "option", message: expect.stringContaining(message) as string });
  expect(store.objects.size).toBe(0);
});

test("who comes to a session gives its secrets again, unless somebody else starts its workers", async () => {
  const store = new MemoryStore();
  const here = { backend: keeping, store, runtime: virtualRuntime() };
  await expect(open({ ...here, backend, secrets: { KEY: "1" } })).rejects.toThrow(
    "The nowhere backend has no way to hand the secret KEY to workers",
  );
  await expect(open({ ...here, secrets: { "a key": "1" } })).rejects.toThrow('The secret "a key" is no name');
  const { id, detach } = await open({ ...here, secrets: { KEY: "1" }, supervise: false });
  await detach();
  await expect(open({ ...here, session: id })).rejects.toThrow(`Workers of session ${id} need the secret KEY`);
  await expect(open({ ...here, session: id, secrets: { KEY: "1", OTHER: "2" } })).rejects.toThrow(
    `Session ${id} was begun without the secret OTHER`,
  );
  await expect(open({ ...here, backend, session: id, secrets: { KEY: "1" } })).rejects.toThrow("no way to hand");
  const bystander = await open({ ...here, session: id, supervise: false });
  await bystander.detach();
});

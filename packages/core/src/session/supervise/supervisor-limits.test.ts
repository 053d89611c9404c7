import { expect, test } from "vitest";
import { SupervisedSession } from "../../../test/supervised-session.ts";
import type { Rate } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import { commitBody } from "../../protocol/commit.ts";
import { workerRate } from "../worker-rate.ts";

const minute = 60_000;
/** Virtual time begins here, on the store's clock. */
const start = 1_000_000;

async function sessionOf(create = {}): Promise<SupervisedSession> {
  const session = new SupervisedSession();
  await session.begin(create);
  return session;
}

/** A made-up price per worker and second. */
function costs(amount: number) {
  const rate: Rate = { amount: amount * 3600, currency: "USD", unit: "hour", source: "made up" };
  return { worker: () => Promise.resolve(rate), store: () => Promise.resolve(undefined) };
}

/** Workers that launches have started are born at once, and end when their horizon or a pause says so. */
async function livesOn(session: SupervisedSession, ms: number): Promise<void> {
  for (let t = 0; t < ms; t += 500) {
    await session.time.pass(500);
    const { horizon, paused } = await session.ledger();
    for (const { id, launch, slot, state } of session.provider.workers.values()) {
      if (state !== "running") continue;
      await session.born(launch, slot);
      if (!paused && (horizon === undefined || horizon.until > session.store.clock)) continue;
      await session.gone(launch, slot, "paused");
      session.provider.end(id, { reason: "done", code: 0 });
    }
  }
}

/** Milliseconds that workers lived. */
function lived(session: SupervisedSession): number {
  const end = (name: string) => session.store.times.get(session.keys.gone(`${name}.x`)) ?? session.store.clock;
  return session.under(session.keys.births).reduce((sum, key) => {
    const [n, j, k] = key.slice(session.keys.births.length).split(".").map(Number);
    return sum + end(`${n}.${j}.${k}`) - (session.store.times.get(key) ?? 0);
  }, 0);
}

test("pauses the session at its deadline, and goes on when that is moved", async () => {
  const session = await sessionOf({ deadline: start + 2 * minute });
  await session.submit("theirs", 10);
  await session.client("a", { keeps: true });
  await livesOn(session, minute);
  expect((await session.ledger()).paused).toBeUndefined();
  expect(session.provider.running).toHaveLength(2);
  await livesOn(session, minute + 3000);
  expect((await session.ledger()).paused).toMatchObject({ because: "deadline" });
  expect(session.provider.running).toEqual([]);
  await session.append({ op: "extend", deadline: start + 10 * minute });
  await livesOn(session, 5000);
  expect(session.provider.running).toHaveLength(2);
});

test("does not pause what is done when its deadline comes", async () => {
  const session = await sessionOf({ deadline: start + minute });
  await session.submit("theirs", 1);
  await session.done(0);
  await session.client("a", { keeps: true });
  await session.time.pass(10 * minute);
  expect((await session.ledger()).paused).toBeUndefined();
});

test("does not pause a session whose deadline somebody moved at the last moment", async () => {
  const session = await sessionOf({ deadline: start + minute });
  await session.submit("theirs", 1);
  const { process } = await session.client("a", { keeps: true });
  await session.time.pass(30_000);
  process.state = "frozen";
  await session.time.pass(40_000);
  await session.append({ op: "extend", deadline: start + 10 * minute });
  process.thaw();
  await session.time.pass(minute);
  expect((await session.ledger()).paused).toBeUndefined();
});

test("ends open submissions when nobody adds anything for the idle timeout, whatever it writes itself", async () => {
  const session = await sessionOf({ idleTimeout: 20 * minute, budget: { amount: 1000, currency: "USD" } });
  const task = { kind: "command" as const, name: "true", argv: ["true"], substitute: false };
  const options = { retries: 0, backoff: 0, concurrency: 1, grace: 0 };
  await session.append({ op: "open", submission: "theirs", task, options });
  await session.client("a", { keeps: true, costs: costs(0.01) });
  await session.time.pass(10 * minute);
  await session.append({ op: "append", submission: "theirs", from: 0, counts: [1], chunk: 1 });
  await livesOn(session, 15 * minute);
  const { submissions, horizon } = await session.ledger();
  expect(submissions).toMatchObject([{ ended: false }]);
  expect(horizon?.until).toBeGreaterThan(session.store.clock);
  await livesOn(session, 6 * minute);
  expect((await session.ledger()).submissions).toMatchObject([{ ended: true }]);
});

test("refuses a budget of which nobody can tell how it is spent", async () => {
  const budget = { amount: 5, currency: "USD" };
  await expect(workerRate({ ...costs(1), worker: () => Promise.resolve(undefined) }, {}, budget)).rejects.toThrow(
    SkyburstError,
  );
  await expect(workerRate(costs(1), {}, { amount: 5, currency: "EUR" })).rejects.toThrow("Give the budget in USD.");
  expect(await workerRate(costs(1), {}, budget)).toBe(3600);
});

test("spends no more than the budget, and pauses when nothing is left", async () => {
  const session = await sessionOf({ budget: { amount: 100, currency: "USD" } });
  await session.submit("theirs", 1000);
  await session.client("a", { keeps: true, workers: 4, costs: costs(0.1) });
  await livesOn(session, 3 * minute);
  expect(session.provider.running).toHaveLength(4);
  await livesOn(session, 3 * minute);
  expect((await session.ledger()).paused).toMatchObject({ because: "budget" });
  expect(session.provider.running).toEqual([]);
  const spent = lived(session) * 0.0001;
  expect(spent).toBeLessThanOrEqual(101);
  expect(spent).toBeGreaterThan(95);
  await session.append({ op: "extend", budget: { amount: 200, currency: "USD" } });
  await livesOn(session, 10_000);
  expect(session.provider.running).toHaveLength(4);
  await livesOn(session, 20 * minute);
  expect((await session.ledger()).paused).toMatchObject({ because: "budget" });
  expect(lived(session) * 0.0001).toBeLessThanOrEqual(202);
  expect(lived(session) * 0.0001).toBeGreaterThan(190);
});

test("a dead supervisor overspends nothing: its workers leave at their horizon", async () => {
  const session = await sessionOf({ budget: { amount: 60, currency: "USD" } });
  await session.submit("theirs", 1000);
  const { process } = await session.client("a", { keeps: true, workers: 4, costs: costs(0.1) });
  await livesOn(session, minute);
  process.state = "dead";
  await livesOn(session, 10 * minute);
  expect(session.provider.running).toEqual([]);
  expect(lived(session) * 0.0001).toBeLessThanOrEqual(61);
  expect(lived(session) * 0.0001).toBeGreaterThan(55);
});

test("a horizon is never far off, so that others may come to share the money", async () => {
  const session = await sessionOf({ budget: { amount: 100_000, currency: "USD" } });
  await session.submit("theirs", 1000);
  await session.client("a", { keeps: true, workers: 4, costs: costs(0.1) });
  for (let n = 0; n < 5; n++) {
    await livesOn(session, 2 * minute);
    const left = ((await session.ledger()).horizon?.until ?? 0) - session.store.clock;
    expect(left).toBeGreaterThan(minute);
    expect(left).toBeLessThanOrEqual(5 * minute);
  }
});

test("launches no more workers than the budget pays for", async () => {
  const session = await sessionOf({ budget: { amount: 10, currency: "USD" } });
  await session.submit("theirs", 1000);
  // A quarter of the TTL for each worker: 2.5 s, so 0.25 $ at 0.1 $ a second; at 1 $ a second 2.5 $.
  await session.client("a", { keeps: true, workers: 8, costs: costs(1) });
  await session.time.pass(1000);
  expect(session.provider.launches).toMatchObject([{ slots: [0, 1, 2, 3] }]);
  expect((await session.ledger()).horizon).toMatchObject({ workers: 4 });
});

test("counts no time where time costs nothing", async () => {
  const session = await sessionOf({ budget: { amount: 1, currency: "USD" } });
  await session.submit("theirs", 1000);
  await session.client("a", { keeps: true, workers: 4, costs: costs(0) });
  await livesOn(session, 10 * minute);
  const { horizon, paused } = await session.ledger();
  expect([horizon, paused]).toEqual([undefined, undefined]);
  expect(session.provider.running).toHaveLength(4);
});

test("a supervisor that can't tell what workers cost says that it can't hold the budget", async () => {
  const session = await sessionOf({ budget: { amount: 1, currency: "USD" } });
  await session.submit("theirs", 1000);
  const { supervisor } = await session.client("a", { keeps: true });
  await session.time.pass(5000);
  expect(supervisor.failure).toMatchObject({ code: "option" });
  expect(session.provider.launches).toEqual([]);
});

/** All that run die, each having been born. */
async function die(session: SupervisedSession): Promise<void> {
  for (const { id, launch, slot, state } of session.provider.workers.values()) {
    if (state !== "running") continue;
    await session.born(launch, slot);
    session.provider.end(id, { reason: "error", code: 1 });
  }
  await session.time.pass(5000);
}

test("workers that die one after the other without a success pause the session, whoever supervised when", async () => {
  const session = await sessionOf({ crashBudget: 6 });
  await session.submit("theirs", 10);
  const a = await session.client("a", { keeps: true });
  await session.time.pass(1000);
  await die(session);
  await die(session);
  expect(session.under(session.keys.gones)).toHaveLength(4);
  a.process.state = "dead";
  await session.client("b", { keeps: true });
  await session.time.pass(minute);
  expect((await session.ledger()).paused).toBeUndefined();
  await die(session);
  expect((await session.ledger()).paused).toMatchObject({
    because: "crashes",
    message: "6 workers in a row died without one success",
  });
});

test("a success between starts the count anew, and so does a resume", async () => {
  const session = await sessionOf({ crashBudget: 6 });
  await session.submit("theirs", 10);
  await session.client("a", { keeps: true });
  await session.time.pass(1000);
  await die(session);
  await die(session);
  const header = { first: 0, count: 1, epoch: 1, worker: "w", succeeded: 1, failed: 0, cancelled: 0 };
  await session.store.create(
    session.keys.part({ s: 0, i: 0, t: 0 }, { first: 0, count: 1 }),
    commitBody(header, [], []),
  );
  await session.time.pass(1000);
  await die(session);
  await die(session);
  expect((await session.ledger()).paused).toBeUndefined();
  await die(session);
  expect((await session.ledger()).paused).toMatchObject({ because: "crashes" });
  await session.append({ op: "resume" }, { op: "retry" });
  await session.time.pass(5000);
  await die(session);
  await die(session);
  expect((await session.ledger()).paused).toBeUndefined();
  await die(session);
  expect((await session.ledger()).paused).toMatchObject({ because: "crashes" });
});

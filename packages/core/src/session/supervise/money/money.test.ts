import { expect, test } from "vitest";
import { SupervisedSession } from "../../../../test/supervised-session.ts";
import { facts as factsOf } from "../../../protocol/facts.ts";
import { jsonBody } from "../../../protocol/lines.ts";
import { prices } from "../../../prices.ts";
import { LedgerView } from "../../ledger-view.ts";
import { Spending } from "./spending.ts";
import type { LiveWorker } from "./accounts.ts";

const usd = (amount: number) => ({ amount, currency: "USD" });
const second = 1000;

/** A session of many tasks whose workers cost a dollar per second and are born with their launch. */
async function sessionOf(create = {}): Promise<SupervisedSession> {
  const session = new SupervisedSession();
  await session.begin(create);
  await session.submit("theirs", 1000);
  return session;
}

const costs = prices({ worker: 3600 });

/** Nobody supervises but it. */
async function spendingOf(session: SupervisedSession, minimumBilling?: number) {
  const process = session.time.process("spending");
  const { runtime } = process;
  const facts = factsOf(session.storeOf(process), runtime);
  const { keys } = session;
  const client = "client.spending";
  const view = new LedgerView(facts, keys, await session.ledger(), client);
  const options = { facts, keys, runtime, view, costs, spec: {}, client, least: 2500, minimumBilling };
  return { spending: new Spending(options), facts };
}

/** Waits for what needs virtual time to go on. */
async function inTime<T>(session: SupervisedSession, what: Promise<T>): Promise<T> {
  let result: { value: T } | { error: unknown } | undefined;
  what.then(
    (value) => (result = { value }),
    (error: unknown) => (result = { error }),
  );
  while (!result) await session.time.pass(1);
  if ("error" in result) throw result.error;
  return result.value;
}

async function bornAll(session: SupervisedSession): Promise<void> {
  for (const { launch, slot, state } of session.provider.workers.values())
    if (state === "running") await session.born(launch, slot);
}

test("there are never more workers than the rate pays for, and more once it is raised", async () => {
  const session = await sessionOf({ maxRate: usd(2.5 * 3600) });
  await session.client("a", { keeps: true, workers: 8, costs });
  await session.time.pass(20 * second);
  expect(session.provider.running).toHaveLength(2);
  await session.append({ op: "extend", maxRate: usd(5 * 3600) });
  await session.time.pass(20 * second);
  expect(session.provider.running).toHaveLength(5);
  expect((await session.ledger()).horizon).toBeUndefined();
});

test("a rate that pays for no worker is an error, and no endless wait", async () => {
  const session = await sessionOf({ maxRate: usd(3599) });
  const { supervisor } = await session.client("a", { keeps: true, costs });
  await session.time.pass(5 * second);
  expect(supervisor.failure).toMatchObject({ code: "option" });
  expect(supervisor.failure?.message).toBe(
    "The maxRate of USD 3599 an hour pays for no worker: one costs USD 3600 an hour. Raise maxRate to at least that.",
  );
});

test("a budget that pays for no worker says what one costs", async () => {
  const session = await sessionOf({ budget: usd(1) });
  await session.client("a", { keeps: true, costs });
  await session.time.pass(20 * second);
  const { paused } = await session.ledger();
  // For a period, the shortest time that is worth it.
  expect(paused?.message).toBe("its budget of USD 1 pays for no worker: one costs USD 2.5 at least");
  expect(session.provider.launches).toEqual([]);
});

test("what is left of a cancelled session is brought to its end, though the money pays for nobody who would", async () => {
  const session = await sessionOf({ budget: usd(1) });
  await session.append({ op: "cancel", because: "somebody said so" });
  await session.client("a", { keeps: true, costs });
  await session.time.pass(20 * second);
  expect(session.under(session.keys.dones)).toEqual([]);
  await session.time.pass(120 * second);
  const { chunks, paused } = await session.ledger();
  expect(session.under(session.keys.dones)).toHaveLength(chunks);
  expect(paused).toBeUndefined();
  expect(session.provider.launches).toEqual([]);
});

test("says once when spending comes to what was to be told, and again when that is moved", async () => {
  const session = await sessionOf({ warnAt: usd(60) });
  await session.client("a", { keeps: true, workers: 2, costs });
  await session.time.pass(second);
  await bornAll(session);
  await session.time.pass(25 * second);
  expect((await session.ledger()).warned).toBeUndefined();
  await session.time.pass(10 * second);
  const { warned, rev, paused } = await session.ledger();
  expect(warned).toMatch(/^it has cost USD 6\d.* so far, of which USD 60 was to be told$/);
  expect(paused).toBeUndefined();
  await session.time.pass(60 * second);
  expect((await session.ledger()).rev).toBe(rev);
  await session.append({ op: "extend", warnAt: usd(300) });
  await session.time.pass(60 * second);
  expect((await session.ledger()).warned).toMatch("of which USD 300 was to be told");
});

test("the warning comes when it is due, and not at the next look at everything; who did not start costs nothing yet", async () => {
  const session = await sessionOf({ warnAt: usd(70), budget: usd(500) });
  const { spending } = await spendingOf(session, 60 * second);
  const nobody = () => Promise.resolve(true);
  const pending: LiveWorker[] = [0, 1].map((slot) => ({ launch: 0, slot }));
  await inTime(session, spending.keepUp(pending, nobody));
  expect((await session.ledger()).warned).toBeUndefined();
  const started = [{ launch: 0, slot: 0, startedAt: session.store.clock - 65 * second }];
  const due = await inTime(session, spending.keepUp(started, nobody));
  expect(due / second).toBeCloseTo(5, 1);
  await session.time.pass(due);
  await inTime(session, spending.keepUp(started, nobody));
  expect((await session.ledger()).warned).toBe("it has cost USD 70 so far, of which USD 70 was to be told");
});

test("what the provider bills counts: from its start to its end, by its own word", async () => {
  const session = await sessionOf({ budget: usd(100) });
  const { spending } = await spendingOf(session);
  await session.born(0, 0);
  await session.time.pass(10 * second);
  await session.gone(0, 0, "over");
  // It was there for 10 s, and billed for 40: its machine had started long before, and ended later.
  const billed = { v: 1, id: "m", reason: "done", startedAt: 0, stoppedAt: 40 * second, by: "somebody" };
  await session.store.create(session.keys.exit(0, 0), jsonBody(billed));
  // One that never came to work costs as much.
  await session.store.create(session.keys.exit(0, 1), jsonBody({ ...billed, reason: "error", stoppedAt: 20 * second }));
  const live: LiveWorker[] = [{ launch: 1, slot: 0, startedAt: session.store.clock - 30 * second }];
  // 100 − 60 − 30 are left: 10 s of one, or 2.5 s of four, as short as is worth it.
  expect(await inTime(session, spending.means(live))).toEqual({
    rate: 3600,
    most: Number.POSITIVE_INFINITY,
    affordable: 4,
  });
});

test("a worker is paid for its shortest time, and stays for it", async () => {
  const session = await sessionOf({ budget: usd(150) });
  const { spending } = await spendingOf(session, 60 * second);
  expect((await inTime(session, spending.means([]))).affordable).toBe(2);
  expect(await inTime(session, spending.allow([], 8))).toBe(2);
  const { horizon } = await session.ledger();
  expect(horizon).toMatchObject({ workers: 2 });
  expect(((horizon?.until ?? 0) - session.store.clock) / second).toBeCloseTo(75, 0);
});

test("where no money was agreed on the store is asked for nothing", async () => {
  const session = await sessionOf();
  const { spending, facts } = await spendingOf(session);
  const before = { ...facts.usage };
  const live: LiveWorker[] = [{ launch: 0, slot: 0 }];
  expect(await spending.means(live)).toEqual({ rate: 3600, most: Infinity, affordable: Infinity });
  expect(await spending.allow(live, 7)).toBe(7);
  expect(await spending.keepUp(live, () => Promise.reject(new Error("nobody asked")))).toBe(Infinity);
  expect(facts.usage).toEqual(before);
});

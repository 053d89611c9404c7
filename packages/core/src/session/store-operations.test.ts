import { beforeEach, expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../test/memory-store.ts";
import { PlayedSession } from "../../test/played-session.ts";
import { jsonBody } from "../protocol/lines.ts";
import { prices } from "../prices.ts";
import { attachSession } from "./attach.ts";
import type { AttachedSession } from "./attached.ts";
import { usd } from "./budget.ts";

let session: PlayedSession;
let attached: AttachedSession;

beforeEach(async () => {
  const store = new MemoryStore();
  session = new PlayedSession(
    store,
    virtualRuntime((ms) => {
      store.clock += ms;
    }),
  );
  await session.create();
});

async function attach(): Promise<AttachedSession> {
  attached = await session.attach();
  return attached;
}

async function tasks(options: Parameters<AttachedSession["outcomes"]>[0] = {}): Promise<string[]> {
  const told: string[] = [];
  for await (const { task, status } of (await attach()).outcomes(options)) told.push(`${task} ${status}`);
  return told;
}

test("a session with nobody in it is cancelled to its last task", async () => {
  await session.submit("a", 5, 2);
  await session.run(0, (task) => (task === 0 ? "succeeded" : "failed"));
  await attach();
  expect(await attached.cancel()).toEqual({ tasks: 3, left: 0 });
  expect(await tasks()).toEqual(["0 succeeded", "1 failed", "2 cancelled", "3 cancelled", "4 cancelled"]);
  expect(await attached.status()).toMatchObject({ state: "cancelled", cancelled: 3, pending: 0, running: 0 });
  expect(await attached.cancel()).toEqual({ tasks: 0, left: 0 });
});

test("a cancel of what has come to its end changes nothing: its failed tasks can be retried", async () => {
  await session.submit("a", 2, 2);
  await session.run(0, (task) => (task === 0 ? "succeeded" : "failed"));
  await attach();
  const entries = (await session.ledger()).rev;
  expect(await attached.cancel()).toEqual({ tasks: 0, left: 0 });
  expect((await session.ledger()).rev).toBe(entries);
  expect(await attached.retryFailed()).toMatchObject({ tasks: 1 });
});

test("a cancel takes over from who fell silent without a word", async () => {
  await session.submit("a", 4, 4);
  await session.claim(0, 2);
  await attach();
  session.store.clock += 5000;
  expect(await attached.cancel()).toEqual({ tasks: 4, left: 0 });
});

test("with no worker alive a cancelled task ends, and what shares its chunk is carried over", async () => {
  await session.submit("a", 4, 4);
  await attach();
  expect(await attached.cancel({ task: [2, 1] })).toEqual({ tasks: 2, left: 0 });
  expect(await attached.status()).toMatchObject({ cancelled: 2, pending: 2, running: 0 });
  expect(await session.run(0)).toBe(true);
  expect(await tasks()).toEqual(["0 succeeded", "1 cancelled", "2 cancelled", "3 succeeded"]);
  expect(await attached.cancel({ task: 0 })).toEqual({ tasks: 0, left: 0 });
});

test("what a living worker holds is left to it", async () => {
  await session.submit("a", 4, 4);
  await session.store.create(session.keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
  await attach();
  expect(await attached.cancel({ task: 1 })).toEqual({ tasks: 1, left: 1 });
  expect((await session.ledger()).cancelledTasks).toEqual([1]);
  expect([...session.store.objects.keys()].some((key) => key.startsWith(session.keys.leases))).toBe(false);
});

test("a task of a taken over turn is left where its batch could not be ended alone, and the lease is given back", async () => {
  await session.submit("a", 4, 4);
  await session.claim(0, 2);
  session.store.clock += 5000;
  await attach();
  expect(await attached.cancel({ task: 3 })).toEqual({ tasks: 1, left: 1 });
  const owners = [...session.store.objects.keys()].filter((key) => key.startsWith(session.keys.gones));
  expect(owners).toHaveLength(1);
  expect(await attached.cancel({ task: 0 })).toEqual({ tasks: 1, left: 0 });
});

test("tasks that are none, or have no outcome that could be changed, are refused by their number", async () => {
  await session.submit("a", 2, 1);
  await session.run(0);
  await attach();
  await expect(attached.cancel({ task: 2 })).rejects.toThrow("There is no task 2");
  await expect(attached.retryFailed({ task: 0 })).rejects.toThrow("Task 0 of session 0000000-aaaa succeeded");
  await expect(attached.retryFailed({ task: 1 })).rejects.toThrow("has no outcome yet");
  expect(await attached.retryFailed()).toEqual({ tasks: 0, resumed: false });
  expect((await session.ledger()).grants).toBe(0);
});

test("failed tasks run again, and are counted as such until they have ended", async () => {
  await session.submit("a", 6, 3);
  await session.run(0, (task) => (task === 1 ? "succeeded" : "failed"));
  await session.run(1, (task) => (task === 4 ? "failed" : "succeeded"));
  await attach();
  expect(await attached.status()).toMatchObject({ state: "done", succeeded: 3, failed: 3, retried: 0 });
  expect(await attached.retryFailed({ task: 4 })).toEqual({ tasks: 1, resumed: false });
  expect(await attached.status()).toMatchObject({ state: "ended", failed: 2, pending: 1, running: 0, retried: 1 });
  await expect(attached.retryFailed({ task: 4 })).rejects.toThrow("has no outcome yet");
  const turn = await session.claim(1);
  expect(await attached.status()).toMatchObject({ failed: 2, pending: 0, running: 1, retried: 1 });
  if (turn) await session.commit(turn, () => "failed");
  expect(await attached.status()).toMatchObject({ state: "done", failed: 3, retried: 0 });
  expect(await attached.retryFailed()).toEqual({ tasks: 3, resumed: false });
  expect(await attached.status()).toMatchObject({ failed: 0, pending: 3, retried: 3 });
  await session.run(0);
  await session.run(1);
  expect(await attached.status()).toMatchObject({ state: "done", succeeded: 6, failed: 0, retried: 0 });
  expect(await tasks()).toEqual([0, 1, 2, 3, 4, 5].map((task) => `${task} succeeded`));
});

test("a retry lifts the pause for crashes, and none other", async () => {
  await session.submit("a", 1, 1);
  await session.run(0, () => "failed");
  await session.enter({ op: "pause", because: "crashes", message: "each of them kills" });
  await attach();
  expect(await attached.retryFailed()).toEqual({ tasks: 1, resumed: true });
  expect((await attached.status()).paused).toBeUndefined();
  await session.run(0, () => "failed");
  await session.enter({ op: "pause", because: "budget", message: "it is spent" });
  expect(await attached.retryFailed()).toEqual({ tasks: 1, resumed: false });
  expect(await attached.status()).toMatchObject({ state: "paused", paused: "it is spent", pausedFor: "budget" });
});

test("nothing of what was cancelled runs again", async () => {
  await session.submit("a", 2, 1);
  await session.submit("b", 2, 1);
  for (const chunk of [0, 2]) await session.run(chunk, () => "failed");
  await session.enter({ op: "cancel", submission: "b", because: "" });
  await attach();
  await expect(attached.retryFailed({ task: 2 })).rejects.toThrow("is of a submission that was cancelled");
  expect(await attached.retryFailed()).toEqual({ tasks: 1, resumed: false });
  await attached.cancel();
  await expect(attached.retryFailed()).rejects.toThrow("was cancelled");
  await expect(attached.extend({ deadline: 10_000_000 })).rejects.toThrow("was cancelled");
});

test("a deadline is moved by a time later, or to a time", async () => {
  await session.submit("a", 1, 1);
  await attach();
  await expect(attached.extend({ deadline: { by: 1000 } })).rejects.toThrow("has no deadline");
  expect(await attached.extend({ deadline: new Date(50_000) })).toEqual({ deadline: 50_000, resumed: false });
  expect(await attached.extend({ deadline: { by: 1000 } })).toEqual({ deadline: 51_000, resumed: false });
  expect(await attached.extend({ deadline: 20_000 })).toEqual({ deadline: 20_000, resumed: false });
  session.store.clock = 30_000;
  await session.enter({ op: "pause", because: "deadline", message: "it has passed" });
  await expect(attached.extend({ deadline: 29_000 })).rejects.toThrow("has passed");
  await expect(attached.extend({ deadline: { by: -1 } })).rejects.toThrow("more than 0");
  expect(await attached.extend({ deadline: { by: 1000 } })).toEqual({ deadline: 31_000, resumed: true });
  await expect(attached.extend({})).rejects.toThrow("needs a deadline, a budget, a warnAt or a maxRate");
  await expect(attached.extend({ budget: { amount: 0, currency: "USD" } })).rejects.toThrow("The budget is 0");
});

test("limits of money are moved: a budget by so much more, others to an amount", async () => {
  await session.submit("a", 1, 1);
  await attach();
  await expect(attached.extend({ budget: { by: usd(5) } })).rejects.toThrow("has no budget to be raised");
  await attached.extend({ budget: usd(10) });
  expect(await attached.extend({ budget: { by: usd(5) } })).toEqual({ budget: usdOf(15), resumed: false });
  await expect(attached.extend({ budget: { by: { amount: 1, currency: "EUR" } } })).rejects.toThrow("is in USD");
  await session.enter({ op: "pause", because: "budget", message: "it is used up" });
  expect(await attached.extend({ maxRate: usd(2).perHour })).toMatchObject({ maxRate: usdOf(2), resumed: false });
  expect(await attached.extend({ budget: { by: usd(1) }, warnAt: usd(12) })).toMatchObject({
    budget: usdOf(16),
    warnAt: usdOf(12),
    resumed: true,
  });
  await session.enter({ op: "warn", message: "it has cost more" });
  expect(await attached.status()).toMatchObject({ warned: "it has cost more", maxRate: usdOf(2), warnAt: usdOf(12) });
  await attached.extend({ warnAt: usd(14) });
  expect((await attached.status()).warned).toBeUndefined();
});

test("a rate that pays for no worker is refused by who knows what one costs", async () => {
  const costs = prices({ worker: 3 });
  const knowing = await attachSession(session.store, session.id, { runtime: session.runtime, costs });
  await expect(knowing.extend({ maxRate: usd(2).perHour })).rejects.toThrow("one costs USD 3 an hour");
  expect(await knowing.extend({ maxRate: usd(3).perHour })).toMatchObject({ maxRate: usdOf(3) });
});

test("a raise is counted on what the budget is when it is written", async () => {
  await attach();
  await attached.extend({ budget: usd(10) });
  const another = await session.attach();
  await Promise.all([attached.extend({ budget: { by: usd(1) } }), another.extend({ budget: { by: usd(2) } })]);
  expect((await attached.status()).budget).toEqual(usdOf(13));
});

function usdOf(amount: number) {
  return { amount, currency: "USD" };
}

test("inputs are added to an open session, by several, and to none that has ended", async () => {
  await session.submit("a", 1, 1, false);
  await attach();
  const other = await session.attach();
  const added = await Promise.all([attached.add(feed("1", "2"), { id: "one" }), other.add(feed("3"), { id: "two" })]);
  expect(added).toEqual([
    { submission: "one", tasks: 2, added: 2 },
    { submission: "two", tasks: 1, added: 1 },
  ]);
  expect(await attached.end()).toEqual({ submissions: 1 });
  expect(await attached.end()).toEqual({ submissions: 0 });
  expect(await attached.status()).toMatchObject({ tasks: 4, open: false });
  await expect(attached.add(feed("4"))).rejects.toThrow("has ended: nothing can be added");
  // One that had come to its end says so again.
  expect(await attached.add(feed("3"), { id: "two" })).toEqual({ submission: "two", tasks: 1, added: 0 });
  await expect(attached.add(feed("3", "3"), { id: "two" })).rejects.toThrow("holds other inputs");
  await expect(attached.add(feed("3"), { id: "a b" })).rejects.toThrow("id is");
});

test("a reader without patience stops at the first gap, and another goes on behind it", async () => {
  await session.submit("a", 4, 2);
  await session.run(0);
  await attach();
  const reading = attached.outcomes();
  const told: number[] = [];
  for await (const { task } of reading) told.push(task);
  expect(told).toEqual([0, 1]);
  expect(reading).toMatchObject({ cursor: "0.2", complete: false, next: 2 });
  await session.run(1, (task) => (task === 3 ? "failed" : "succeeded"));
  expect(await tasks({ from: reading.cursor })).toEqual(["2 succeeded", "3 failed"]);
  expect(await tasks({ failed: true })).toEqual(["3 failed"]);
  expect(() => attached.outcomes({ from: "yesterday" })).toThrow("is no cursor");
  await expect(tasks({ from: "0.5" })).rejects.toThrow("behind the last of the 4 tasks");
});

test("who waits is told when the session is paused, removed, or left by everybody", async () => {
  await session.submit("a", 2, 1);
  await session.run(0);
  await expect(tasks({ wait: true })).rejects.toMatchObject({ code: "workers", retryable: true });
  await session.enter({ op: "pause", because: "deadline", message: "its deadline has passed" });
  await expect(tasks({ wait: true })).rejects.toMatchObject({ code: "paused" });
  await session.enter({ op: "remove" });
  await expect(tasks({ wait: true })).rejects.toMatchObject({ code: "session" });
});

test("who waits in a session that has ended is told all of it", async () => {
  await session.submit("a", 3, 1);
  for (const chunk of [2, 0, 1]) await session.run(chunk);
  expect(await tasks({ wait: true })).toEqual(["0 succeeded", "1 succeeded", "2 succeeded"]);
});

function feed(...lines: string[]) {
  const segments = (async function* () {
    yield { count: lines.length, rich: [], lines: new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")) };
  })();
  return { segments, gather: Number.POSITIVE_INFINITY, count: lines.length };
}

test("what is added and does not come to its end is cancelled, unless somebody can go on with it", async () => {
  await session.submit("a", 1, 1, false);
  await attach();
  const broken = () => {
    const segments = (async function* () {
      const { rev } = await session.ledger();
      yield { count: 1, rich: [], lines: new TextEncoder().encode("1\n") };
      while ((await session.ledger()).rev === rev) await new Promise((resolve) => setImmediate(resolve));
      throw new Error("the line was cut");
    })();
    return { segments, gather: 0 };
  };
  await expect(attached.add(broken())).rejects.toThrow("the line was cut");
  await expect(attached.add(broken(), { id: "named" })).rejects.toThrow("the line was cut");
  const { submissions } = await session.ledger();
  expect(submissions.map(({ cancelled }) => cancelled)).toEqual([false, true, false]);
  expect(await attached.add(feed("1"), { id: "named" })).toMatchObject({ tasks: 1 });
});

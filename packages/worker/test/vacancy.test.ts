import { facts as factsOf, jsonBody, sessionKeys } from "@skyburst/core/protocol";
import type { Ledger } from "@skyburst/core/protocol";
import { afterEach, expect, test } from "vitest";
import { MemoryStore } from "../../core/test/memory-store.ts";
import { VirtualTime } from "../../core/test/virtual-time.ts";
import { fillVacancy } from "../src/vacancy.ts";

const ttl = 1000;
const keys = sessionKeys("s");
let over = new AbortController();

afterEach(() => {
  over.abort();
  over = new AbortController();
});

/** A worker of a session in which something is left to do. */
function stage(ledger: Partial<Ledger> = {}) {
  const time = new VirtualTime();
  const store = new MemoryStore();
  time.passed = (now) => (store.clock = now);
  const { runtime } = time.process("worker");
  const facts = factsOf(store, runtime);
  const starts: number[] = [];
  const play = { needed: true, start: () => void starts.push(time.now) };
  const options = { facts, keys, runtime, ttl, ledger: () => ledger as Ledger };
  void fillVacancy({ ...options, isNeeded: () => play.needed, start: () => play.start() }, over.signal);
  return { time, store, facts, starts, play };
}

/** Who supervises, by a fact, and its newest sign of life. */
async function supervised(facts: ReturnType<typeof factsOf>, epoch: number, client: string): Promise<void> {
  await facts.create(keys.supervisor(epoch), jsonBody({ v: 1, owner: client }));
}

test("a place that nobody has is filled within a TTL", async () => {
  const { time, starts } = stage();
  await time.pass(ttl);
  expect(starts.length).toBe(1);
});

test("whoever can't be started is tried less and less often", async () => {
  const { time, starts } = stage();
  await time.pass(100 * ttl);
  const waits = starts.slice(1).map((at, n) => at - (starts[n] ?? 0));
  expect(starts.length).toBeLessThan(8);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
});

test("one that comes and is lost is replaced as soon as the first one was", async () => {
  const { time, facts, starts, play } = stage();
  const tries: number[] = [];
  play.start = () => {
    tries.push(time.now);
    void supervised(facts, tries.length, `client.${tries.length}`);
  };
  await time.pass(20 * ttl);
  const waits = tries.slice(1).map((at, n) => at - (tries[n] ?? 0));
  expect(starts).toEqual([]);
  expect(tries.length).toBeGreaterThan(6);
  expect(Math.max(...waits)).toBeLessThan(3 * ttl);
});

test.each(["paused", "removed", "cancelled"])("nobody is started in a session that is %s", async (state) => {
  const { time, starts } = stage({ [state]: true });
  await time.pass(5 * ttl);
  expect(starts).toEqual([]);
});

test("nobody is started behind one that has said that it can't go on", async () => {
  const { time, facts, starts } = stage();
  await supervised(facts, 1, "client.a");
  await facts.create(keys.gone("client.a"), jsonBody({ v: 1, reason: "failed" }));
  await time.pass(5 * ttl);
  expect(starts).toEqual([]);
});

test("nobody is started while nothing is left to do", async () => {
  const { time, starts, play } = stage();
  play.needed = false;
  await time.pass(5 * ttl);
  expect(starts).toEqual([]);
  play.needed = true;
  await time.pass(ttl);
  expect(starts.length).toBe(1);
});

import { appendEntry, facts as factsOf, sessionKeys } from "@skyburst/core/protocol";
import { expect, test } from "vitest";
import { MemoryStore } from "../../core/test/memory-store.ts";
import { VirtualTime } from "../../core/test/virtual-time.ts";
import type { Slots } from "../src/slot.ts";
import { Worker } from "../src/worker.ts";

const keys = sessionKeys("s");
const ttl = 1000;

/** A worker that runs one task which never ends by itself, and may start a stand-in. */
async function stage() {
  const time = new VirtualTime();
  const store = new MemoryStore();
  time.passed = (now) => (store.clock = now);
  const { runtime } = time.process("worker");
  const facts = factsOf(store, runtime);
  const submission = {
    op: "open",
    submission: "a",
    task: { kind: "command", name: "c", argv: ["true"], substitute: false },
    options: { retries: 0, backoff: 1, concurrency: 1, grace: 100 * ttl },
  } as const;
  await appendEntry(facts, keys, undefined, {
    actor: "somebody",
    ordinal: 0,
    operations: [
      { op: "create", created: 0, ttl, commitInterval: 100, linger: ttl, crashBudget: 20 },
      submission,
      { op: "append", submission: "a", from: 0, counts: [1], chunk: 1 },
    ],
  });
  store.objects.set(keys.segment("a", 0), new TextEncoder().encode('{"v":1,"count":1}\n0\n'));
  const slots: Slots = {
    count: 1,
    prepare: () => undefined,
    slot: () => ({ run: () => new Promise(() => undefined), close: () => Promise.resolve() }),
    close: () => Promise.resolve(),
  };
  const stop = new AbortController();
  const starts: number[] = [];
  const place = { session: "s", launch: 0, slot: 0, workers: 1, rev: 0 };
  const standIn = () => void starts.push(time.now);
  const worker = new Worker({ ...place, facts, runtime, slots, signal: stop.signal, grace: 100 * ttl, standIn });
  void worker.run();
  return { time, starts, stop };
}

test("a worker that runs a task starts somebody who supervises when nobody does", async () => {
  const { time, starts } = await stage();
  await time.pass(ttl);
  expect(starts.length).toBe(1);
});

test("a worker that was told to leave starts nobody, however long it takes to leave", async () => {
  const { time, starts, stop } = await stage();
  await time.pass(ttl / 10);
  stop.abort();
  await time.pass(20 * ttl);
  expect(starts).toEqual([]);
});

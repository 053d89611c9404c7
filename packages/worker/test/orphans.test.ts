import { appendEntry, facts as factsOf, readLedger, sessionKeys } from "@skyburst/core/protocol";
import type { Operation } from "@skyburst/core/protocol";
import { beforeEach, expect, test } from "vitest";
import { MemoryStore, unanswered } from "../../core/test/memory-store.ts";
import { VirtualTime } from "../../core/test/virtual-time.ts";
import type { Slots } from "../src/slot.ts";
import { Worker } from "../src/worker.ts";

const keys = sessionKeys("s");
const minute = 60_000;
const day = 86_400_000;

let time: VirtualTime;
let store: MemoryStore;
/** Tasks that were begun. */
let began: number;

beforeEach(async () => {
  time = new VirtualTime();
  store = new MemoryStore();
  began = 0;
  time.passed = (now) => {
    store.clock = 1_000_000 + now;
  };
  time.passed(0);
  const operations: Operation[] = [
    { op: "create", created: 0, ttl: 10_000, commitInterval: 500, linger: 10_000, crashBudget: 20 },
    {
      op: "open",
      submission: "a",
      task: { kind: "command", name: "c", argv: ["true"], substitute: false },
      options: { retries: 0, backoff: 1, concurrency: 1, grace: 1000 },
    },
    { op: "append", submission: "a", from: 0, counts: [8], chunk: 4 },
  ];
  const writing = { actor: "somebody", ordinal: 0, operations };
  await appendEntry(factsOf(store, time.process("somebody").runtime), keys, undefined, writing);
  store.objects.set(keys.segment("a", 0), new TextEncoder().encode(`{"v":1,"count":8}\n${"0\n".repeat(8)}`));
});

interface Working {
  end: string | undefined;
  /** What became of the process. */
  error: string | undefined;
}

/** A worker whose tasks take this long. */
function work(ms: number): Working {
  const { runtime } = time.process("worker");
  const worker = new Worker({
    facts: factsOf(store, runtime),
    runtime,
    slots: slotsOf((signal) => runtime.sleep(ms, signal)),
    session: "s",
    launch: 0,
    slot: 0,
    workers: 1,
    rev: 0,
    signal: new AbortController().signal,
    grace: 500,
  });
  const told: Working = { end: undefined, error: undefined };
  worker.run().then(
    (end) => (told.end = end),
    (error: unknown) => (told.error = String(error)),
  );
  return told;
}

/** Each of its assignments is as long as one task. */
function slotsOf(run: (signal: AbortSignal) => Promise<void>): Slots {
  return {
    count: 1,
    prepare: () => undefined,
    slot: () => ({
      async run(_assignment, _report, { signal }) {
        began++;
        await run(signal);
        return { unstarted: [], aborted: [0] };
      },
      close: () => Promise.resolve(),
    }),
    close: () => Promise.resolve(),
  };
}

async function enter(...operations: Operation[]): Promise<void> {
  const facts = factsOf(store, time.process("somebody").runtime);
  await appendEntry(facts, keys, await readLedger(facts, keys), { actor: "another", ordinal: 0, operations });
}

test("a worker whose session is deleted at once ends within five minutes and a little, though its task would take a day", async () => {
  const worker = work(day);
  await time.pass(minute);
  expect(began).toBe(1);
  store.objects.clear();
  await time.pass(6 * minute);
  expect(worker.error).toContain("The session is gone from its store");
});

test("a worker whose store does not answer ends within five minutes and a little, though its task would take a day", async () => {
  const worker = work(day);
  await time.pass(minute);
  store.interference = {
    before() {
      throw unanswered();
    },
  };
  await time.pass(4 * minute);
  expect(worker).toEqual({ end: undefined, error: undefined });
  await time.pass(2 * minute);
  expect(worker.error).toContain("The store did not answer");
});

test("a store that answers again within five minutes is waited for", async () => {
  const worker = work(day);
  await time.pass(minute);
  store.interference = {
    before() {
      throw unanswered();
    },
  };
  await time.pass(4 * minute);
  store.interference = {};
  await time.pass(6 * minute);
  expect(worker).toEqual({ end: undefined, error: undefined });
});

test("a worker whose session is removed gives up what runs", async () => {
  const worker = work(day);
  await time.pass(minute);
  await enter({ op: "remove" });
  await time.pass(minute);
  expect(worker.end).toBe("over");
});

test("a worker that comes to a session that is deleted ends at once", async () => {
  store.objects.clear();
  const worker = work(day);
  await time.pass(1000);
  expect(worker.error).toContain("There is no session s in this store");
  expect(began).toBe(0);
});

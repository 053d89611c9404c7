import {
  appendEntry,
  facts as factsOf,
  jsonBody,
  parseCommit,
  parseEntry,
  readLedger,
  sessionKeys,
} from "@skyburst/core/protocol";
import type { Operation } from "@skyburst/core/protocol";
import { beforeEach, expect, test } from "vitest";
import { MemoryStore } from "../../core/test/memory-store.ts";
import { VirtualTime } from "../../core/test/virtual-time.ts";
import { offsetAt, offsetCount } from "../src/slot.ts";
import type { Assignment, Slots } from "../src/slot.ts";
import { Worker } from "../src/worker.ts";
import type { WorkerEnd } from "../src/worker.ts";

/** Virtual time begins here, on the store's clock, in milliseconds. */
const start = 1_000_000;
const keys = sessionKeys("s");

let time: VirtualTime;
let store: MemoryStore;
/** Tasks in the order in which they began, each of a second. */
let began: number[];
let entries: number;

beforeEach(() => {
  time = new VirtualTime();
  store = new MemoryStore();
  time.passed = (now) => {
    store.clock = start + now;
  };
  time.passed(0);
  began = [];
  entries = 0;
});

/** A session of eight tasks in two chunks. */
async function session(create: { deadline?: number; idleTimeout?: number } = {}, ...more: Operation[]): Promise<void> {
  await say(
    { op: "create", created: start, ttl: 10_000, commitInterval: 500, linger: 0, crashBudget: 20, ...create },
    {
      op: "open",
      submission: "a",
      task: { kind: "command", name: "c", argv: ["true"], substitute: false },
      options: { retries: 0, backoff: 1, concurrency: 1, grace: 1000 },
    },
    { op: "append", submission: "a", from: 0, counts: [8], chunk: 4 },
    ...more,
  );
  const inputs = "0\n".repeat(8);
  store.objects.set(keys.segment("a", 0), new TextEncoder().encode(`{"v":1,"count":8}\n${inputs}`));
}

async function say(...operations: Operation[]): Promise<void> {
  const facts = factsOf(store, time.process("somebody").runtime);
  const ledger = entries === 0 ? undefined : await readLedger(facts, keys);
  await appendEntry(facts, keys, ledger, { actor: "somebody", ordinal: entries++, operations });
}

/** What a worker of one slot ended with; undefined while it works. */
function work(launch: number): { end: WorkerEnd | undefined } {
  const { runtime } = time.process(`worker ${launch}`);
  const worker = new Worker({
    facts: factsOf(store, runtime),
    runtime,
    slots: slotsOf(runtime.sleep),
    session: "s",
    launch,
    slot: 0,
    workers: 1,
    rev: 0,
    signal: new AbortController().signal,
    grace: 500,
  });
  const told: { end: WorkerEnd | undefined } = { end: undefined };
  void worker.run().then((end) => (told.end = end));
  return told;
}

function slotsOf(sleep: (ms: number, signal?: AbortSignal) => Promise<void>): Slots {
  return {
    count: 1,
    prepare: () => undefined,
    slot: () => ({
      async run(assignment, report, { signal, drain }) {
        const count = offsetCount(assignment.offsets);
        const from = (position: number) => Array.from({ length: count - position }, (_, n) => position + n);
        for (let position = 0; position < count; position++) {
          if (signal.aborted || drain.aborted) return { unstarted: from(position), aborted: [] };
          began.push(assignment.task + offsetAt(assignment.offsets, position));
          await sleep(1000, signal);
          if (signal.aborted) return { unstarted: from(position + 1), aborted: [position] };
          await report({ kind: "lines", position, count: 1, bytes: line(assignment, position), seconds: 1 });
        }
        return { unstarted: [], aborted: [] };
      },
      close: () => Promise.resolve(),
    }),
    close: () => Promise.resolve(),
  };
}

function line({ index, task, offsets }: Assignment, position: number): Uint8Array {
  const offset = offsetAt(offsets, position);
  const text = `{"index":${index + offset},"task":${task + offset},"status":"succeeded","attempts":1,"seconds":1}\n`;
  return new TextEncoder().encode(text);
}

/** Status of each task that has an outcome. */
function outcomes(): Record<number, string> {
  const found: Record<number, string> = {};
  for (const [key, body] of [...store.objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith(keys.parts) && !key.startsWith(keys.dones)) continue;
    for (const text of new TextDecoder().decode(parseCommit(body).lines).split("\n").slice(0, -1)) {
      const { task, status } = JSON.parse(text) as { task: number; status: string };
      found[task] = status;
    }
  }
  return found;
}

function reasons(): string[] {
  return [...store.objects]
    .filter(([key]) => key.startsWith(keys.gones))
    .map(([, body]) => (JSON.parse(new TextDecoder().decode(body)) as { reason: string }).reason);
}

/** What those who are gone have done. */
function words(): unknown[] {
  return [...store.objects]
    .filter(([key]) => key.startsWith(keys.gones))
    .map(([, body]) => (JSON.parse(new TextDecoder().decode(body)) as { work?: unknown }).work);
}

function newest(): readonly Operation[] {
  const key = [...store.objects.keys()]
    .filter((name) => name.startsWith(keys.manifests))
    .sort()
    .at(-1);
  return parseEntry(store.objects.get(key ?? "") ?? new Uint8Array()).operations;
}

const all = [0, 1, 2, 3, 4, 5, 6, 7];

test("at a horizon that nobody moves a worker gives back what it runs and leaves; the next one goes on", async () => {
  await session({}, { op: "end", submission: "a" }, { op: "horizon", until: start + 2300, workers: 1 });
  const first = work(0);
  await time.pass(60_000);
  expect(first.end).toBe("paused");
  expect(began).toEqual([0, 1, 2]);
  expect(outcomes()).toEqual({ 0: "succeeded", 1: "succeeded" });
  expect(reasons()).toEqual(["paused"]);
  // A quarter of a second is left to what runs then.
  expect(words()).toEqual([{ attempts: 3, seconds: 2.55, wasted: { retried: 0, returned: 0.55 } }]);
  await say({ op: "horizon", until: start + 600_000, workers: 1 });
  const second = work(1);
  await time.pass(60_000);
  expect(second.end).toBe("over");
  expect(Object.values(outcomes())).toEqual(all.map(() => "succeeded"));
});

test("who sees the deadline pass says so, and what is extended goes on", async () => {
  await session({ deadline: start + 3500 }, { op: "end", submission: "a" });
  const first = work(0);
  await time.pass(60_000);
  expect(first.end).toBe("paused");
  expect(newest()).toMatchObject([{ op: "pause", because: "deadline" }]);
  expect(began.length).toBeLessThan(6);
  await say({ op: "extend", deadline: start + 600_000 });
  const second = work(1);
  await time.pass(60_000);
  expect(second.end).toBe("over");
  expect(Object.values(outcomes())).toEqual(all.map(() => "succeeded"));
});

test("who looks for longer than there is time leases nothing of what it finds", async () => {
  await session({ deadline: start + 5000 }, { op: "end", submission: "a" });
  const facts = factsOf(store, time.process("somebody").runtime);
  for (const i of [0, 1]) {
    const lease = { v: 1, owner: "9.0.0.x", epoch: 1, cut: [4], items: 4, because: "new", grant: 0 };
    await facts.create(keys.lease({ s: 0, i, t: 0, e: 1 }), jsonBody({ ...lease, crashes: 0, losses: 0 }));
  }
  await facts.create(keys.gone("9.0.0.x"), jsonBody({ v: 1, reason: "crash" }));
  const { sleep } = time.process("network").runtime;
  store.interference = {
    before: async (operation, key) => {
      // Asked before a chunk is taken over.
      if (operation === "get" && key.startsWith(keys.dones)) await sleep(8000);
    },
  };
  const worker = work(0);
  await time.pass(60_000);
  expect(worker.end).toBe("paused");
  expect([...store.objects.keys()].filter((key) => key.startsWith(keys.leases))).toHaveLength(2);
});

test("a deadline that is moved before it is reached stops nobody", async () => {
  await session({ deadline: start + 3500 }, { op: "end", submission: "a" });
  const worker = work(0);
  await time.pass(2000);
  await say({ op: "extend", deadline: start + 600_000 });
  await time.pass(60_000);
  expect(worker.end).toBe("over");
  expect(began).toEqual(all);
});

test("tasks are cancelled one by one: what runs is stopped, what waits never begins, the others run", async () => {
  await session({}, { op: "end", submission: "a" });
  const worker = work(0);
  await time.pass(1500);
  expect(began).toEqual([0, 1]);
  await say({ op: "cancelTask", tasks: [1, 3, 6], because: "x" });
  await time.pass(60_000);
  expect(worker.end).toBe("over");
  expect(began.sort((a, b) => a - b)).toEqual([0, 1, 2, 4, 5, 7]);
  expect(outcomes()).toEqual({
    ...Object.fromEntries(all.map((task) => [task, "succeeded"])),
    1: "cancelled",
    3: "cancelled",
    6: "cancelled",
  });
});

test("behind the fence of a removal what runs is stopped, and nothing begins", async () => {
  await session({}, { op: "end", submission: "a" });
  const worker = work(0);
  await time.pass(1500);
  await say({ op: "remove" });
  await time.pass(60_000);
  expect(worker.end).toBe("over");
  expect(began).toEqual([0, 1]);
});

test("an open session to which nothing is added for its idle timeout is ended by who waits in it", async () => {
  await session({ idleTimeout: 5000 });
  const worker = work(0);
  await time.pass(12_000);
  expect(worker.end).toBeUndefined();
  await time.pass(60_000);
  expect(worker.end).toBe("over");
  expect(newest()).toEqual([{ op: "end" }]);
  expect(Object.values(outcomes())).toEqual(all.map(() => "succeeded"));
});

import { beforeEach, expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../../../test/memory-store.ts";
import { commitBody } from "../../../protocol/commit.ts";
import type { TurnSummary } from "../../../protocol/commit.ts";
import { facts as factsOf } from "../../../protocol/facts.ts";
import { sessionKeys } from "../../../protocol/keys.ts";
import type { Operation } from "../../../protocol/ledger.ts";
import { appendEntry } from "../../../protocol/read-ledger.ts";
import { LedgerView } from "../../ledger-view.ts";
import { RemainingWork } from "./remaining.ts";

const keys = sessionKeys("s");
let store: MemoryStore;
let view: LedgerView;
let remaining: RemainingWork;
let entries = 0;
let time = 0;

beforeEach(async () => {
  store = new MemoryStore();
  const facts = factsOf(store, virtualRuntime());
  const create = { op: "create" as const, created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20 };
  const writing = { actor: "c", ordinal: 0, operations: [create] };
  const { ledger } = await appendEntry(facts, keys, undefined, writing);
  view = new LedgerView(facts, keys, ledger, "client.a");
  remaining = new RemainingWork(facts, keys, view, { ...virtualRuntime(), monotonic: () => time });
  time = 0;
  entries = 1;
});

async function enter(...operations: Operation[]): Promise<void> {
  const facts = factsOf(store, virtualRuntime());
  const writing = { actor: "c", ordinal: entries++, operations };
  view.advance((await appendEntry(facts, keys, view.current, writing)).ledger);
}

async function submit(submission: string, tasks: number, ends = true): Promise<void> {
  const task = { kind: "command" as const, name: "true", argv: ["true"], substitute: false };
  const options = { retries: 0, backoff: 0, concurrency: 1, grace: 0 };
  await enter(
    { op: "open", submission, task, options },
    { op: "append", submission, from: 0, counts: [tasks], chunk: 2 },
    ...(ends ? [{ op: "end" as const, submission }] : []),
  );
}

/** A done turn, with the mark of a commit that is not all success. */
async function done(s: number, i: number, turn: Partial<TurnSummary> = {}, t = 0): Promise<void> {
  const whole = { succeeded: 0, failed: 0, cancelled: 0, failedTasks: [], cancelledTasks: 0, again: [], grant: 0 };
  const summary: TurnSummary = { ...whole, items: 2, cut: [2], ...turn };
  const counts = { failed: summary.failedTasks.length, cancelled: 0, again: summary.again.length };
  const range = { first: 0, count: 2 };
  if (counts.failed + counts.again > 0)
    await store.create(keys.odd({ s, i, t, e: 1 }, range, counts), new Uint8Array());
  const header = { ...range, epoch: 1, worker: "w", succeeded: 0, failed: 0, cancelled: 0, turn: summary };
  await store.create(keys.done({ s, i, t }), commitBody(header, [], []));
}

/** Requests since the last call. */
function asked(): string[] {
  return store.operations.splice(0).filter((operation) => !operation.includes("manifest"));
}

test("counts this client's own submissions by what it collected, and asks nothing", async () => {
  remaining.expect("mine", 7);
  expect(remaining.own).toEqual({ chunks: 7, open: false });
  remaining.expect("stream", undefined);
  expect(remaining.own).toEqual({ chunks: 7, open: true });
  remaining.forget("stream");
  await submit("mine", 7);
  expect(remaining.own).toEqual({ chunks: 4, open: false });
  remaining.finished("mine");
  expect(remaining.own.chunks).toBe(3);
  expect(remaining.others).toEqual([]);
  asked();
  expect(await remaining.ofOthers()).toBe(0);
  expect(asked()).toEqual([]);
});

test("counts what others submitted by what is done, from the first unfinished chunk on", async () => {
  await submit("theirs", 9);
  asked();
  expect(await remaining.ofOthers()).toBe(5);
  expect(await remaining.othersNeed()).toBe(true);
  await done(0, 0);
  await done(0, 1);
  await done(0, 3);
  expect(await remaining.ofOthers()).toBe(2);
  store.operations.splice(0);
  await done(0, 2);
  await done(0, 4);
  store.operations.splice(0);
  expect(await remaining.ofOthers()).toBe(0);
  expect(asked()).toEqual(["list s/s/done/", "list s/s/odd/"]);
  expect(await remaining.ofOthers()).toBe(0);
  expect(asked()).toEqual([]);
  expect(await remaining.othersNeed()).toBe(false);
});

test("what others have not ended is needed, though nothing of it is left", async () => {
  await submit("theirs", 2, false);
  await done(0, 0);
  expect(await remaining.ofOthers()).toBe(0);
  expect(await remaining.othersNeed()).toBe(true);
});

test("a turn that leaves something is not the end of its chunk", async () => {
  await submit("theirs", 2);
  await done(0, 0, { again: [{ offset: 0, attempt: 2 }] });
  expect(await remaining.ofOthers()).toBe(1);
  await done(0, 0, {}, 1);
  expect(await remaining.ofOthers()).toBe(0);
});

test("a commit that leaves something is read once, and its times count once, in however many looks", async () => {
  await submit("theirs", 6);
  await done(0, 0, { succeeded: 1, seconds: 1, again: [{ offset: 0, attempt: 2 }] });
  const work = { tasks: 6, seconds: 6 };
  expect(await remaining.leftOfOthers()).toEqual({ chunks: 3, work });
  asked();
  for (let look = 0; look < 9; look++) expect(await remaining.leftOfOthers()).toEqual({ chunks: 3, work });
  expect(asked().filter((operation) => operation.startsWith("get"))).toEqual([]);
  await done(0, 1, { succeeded: 1, seconds: 3, again: [{ offset: 0, attempt: 2 }] });
  expect(await remaining.leftOfOthers()).toEqual({ chunks: 3, work: { tasks: 6, seconds: 12 } });
  await done(0, 0, { succeeded: 1, seconds: 5 }, 1);
  expect(await remaining.ofOthers()).toBe(2);
});

test("reads no commit whose failures stay", async () => {
  await submit("theirs", 4);
  await done(0, 0, { failedTasks: [0, 1] });
  await done(0, 1, { failedTasks: [0] });
  asked();
  expect(await remaining.ofOthers()).toBe(0);
  expect(asked()).toEqual(["list s/s/done/", "list s/s/odd/"]);
});

test("a retry leaves again what failed and is named by it, of one's own submission too", async () => {
  remaining.expect("mine", 4);
  await submit("mine", 4);
  await done(0, 0, { failedTasks: [0] });
  await done(0, 1);
  remaining.finished("mine");
  remaining.finished("mine");
  expect(remaining.own.chunks).toBe(0);
  remaining.forget("mine");
  expect(remaining.others).toEqual([]);
  await enter({ op: "retry", tasks: [0] });
  expect(remaining.others).toHaveLength(1);
  expect(await remaining.ofOthers()).toBe(1);
  await done(0, 0, { grant: 1 }, 1);
  expect(await remaining.ofOthers()).toBe(0);
});

test("a retry leaves again what was known to be done", async () => {
  await submit("theirs", 4);
  await done(0, 0, { failedTasks: [0] });
  await done(0, 1);
  expect(await remaining.ofOthers()).toBe(0);
  await enter({ op: "retry" });
  expect(await remaining.ofOthers()).toBe(1);
});

test("counts what this client left unfinished", async () => {
  remaining.expect("mine", 4);
  await submit("mine", 4);
  remaining.forget("mine");
  expect(await remaining.ofOthers()).toBe(2);
});

test("leaves what is cancelled to who did that, and for a while only", async () => {
  await submit("theirs", 4);
  await enter({ op: "cancel", submission: "theirs", because: "enough" });
  await done(0, 0);
  expect(await remaining.ofOthers()).toBe(0);
  expect(await remaining.ofAll()).toBe(1);
  time = 40_000;
  expect(await remaining.ofOthers()).toBe(1);
  expect(await remaining.othersNeed()).toBe(false);
  await done(0, 1);
  expect(await remaining.ofOthers()).toBe(0);
  expect(await remaining.ofAll()).toBe(0);
});

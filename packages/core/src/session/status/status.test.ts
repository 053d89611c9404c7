import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../../test/memory-store.ts";
import { facts as factsOf } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { LedgerView } from "../ledger-view.ts";
import { readStatus } from "./status.ts";

const keys = sessionKeys("s");
const options = { retries: 0, backoff: 1, concurrency: 1, grace: 1 };
const task = { kind: "command", name: "c", argv: ["true"], substitute: false } as const;
const create = { op: "create" as const, created: 0, ttl: 60_000, commitInterval: 15_000, linger: 0, crashBudget: 20 };

/** 1,000,000 tasks in segments of 1,000 and chunks of 125, each of 9 batches, as 1,000 workers take tasks of a second. */
const million: Ledger = {
  session: create,
  rev: 1,
  submissions: [
    { id: "a", task, options, ordinal: 1, segments: 1000, tasks: 1e6, ended: true, cancelled: false, grants: [] },
  ],
  segments: Array.from({ length: 1000 }, (_, s) => ({
    submission: 0,
    ordinal: s,
    count: 1000,
    chunk: 125,
    index: s * 1000,
    task: s * 1000,
    firstChunk: s * 8,
  })),
  tasks: 1e6,
  chunks: 8000,
  grants: 0,
  cancelled: false,
  cancelledTasks: [],
};

const empty = new Uint8Array();

/** Chunks up to `done` are done, a tenth of them with a failed task; those from there up to `running` have half of their parts. */
function progress(store: MemoryStore, done: number, running: number, straggler?: number): void {
  for (let n = 0; n < running; n++) {
    const id = { s: Math.floor(n / 8), i: n % 8, t: 0 };
    const isDone = n < done && n !== straggler;
    store.objects.set(keys.lease({ ...id, e: 1 }), empty);
    for (let batch = 0; batch < (isDone ? 8 : 4); batch++)
      store.objects.set(keys.part(id, { first: batch * 15, count: 15 }), empty);
    if (!isDone) continue;
    store.objects.set(keys.done(id), empty);
    if (n % 10 === 0)
      store.objects.set(
        keys.odd({ ...id, e: 1 }, { first: 120, count: 5 }, { failed: 1, cancelled: 0, again: 0 }),
        empty,
      );
  }
  for (let worker = 0; worker < 1000; worker++) store.objects.set(keys.born(0, worker, 0), empty);
}

/** A memory store lists by sorting all its keys; half a hundred times that is too much here. */
class SortedStore extends MemoryStore {
  #sorted: string[] | undefined;

  override async *list(prefix: string, { after = "" }: { after?: string | undefined } = {}) {
    this.#sorted ??= [...this.objects.keys()].sort();
    const all = this.#sorted.filter((key) => key.startsWith(prefix) && key > after);
    for (let at = 0; at === 0 || at < all.length; at += 1000) {
      this.operations.push(`list ${prefix}`);
      yield { now: 0, entries: all.slice(at, at + 1000).map((key) => ({ key, size: 0, modified: 0 })) };
    }
  }
}

async function statusOf(store: MemoryStore, at: SessionKeys = keys) {
  const facts = factsOf(store, virtualRuntime());
  return readStatus(facts, at, new LedgerView(facts, at, million));
}

test.each([
  ["at its begin", 0, 1000, undefined],
  ["in its middle", 4000, 5000, undefined],
  ["behind a chunk that takes for ever", 7000, 8000, 3],
  ["at its end", 8000, 8000, undefined],
])("the status of a million tasks, %s, takes at most 70 requests", async (_, done, running, straggler) => {
  const store = new SortedStore();
  progress(store, done, running, straggler);
  const status = await statusOf(store);
  const ended = done - (straggler === undefined ? 0 : 1);
  const failed = Math.ceil(done / 10);
  expect(status).toMatchObject({
    tasks: 1e6,
    failed,
    succeeded: ended * 125 - failed + (running - ended) * 60,
    running: (running - ended) * 65,
  });
  expect(store.operations.length).toBeLessThanOrEqual(70);
});

test("parts are told whole however short the store's pages are", async () => {
  const store = new MemoryStore();
  progress(store, 20, 30, 3);
  const whole = await statusOf(store);
  store.page = 3;
  expect(await statusOf(store)).toEqual(whole);
  expect(whole.running).toBe(11 * 65);
});

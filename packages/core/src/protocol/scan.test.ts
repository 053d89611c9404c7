import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../test/memory-store.ts";
import { facts as factsOf } from "./facts.ts";
import { sessionKeys } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { scan } from "./scan.ts";

const keys = sessionKeys("s");
const empty = new Uint8Array();

function ledgerOf(chunks: number): Ledger {
  const task = { kind: "command", name: "c", argv: ["true"], substitute: false } as const;
  const options = { retries: 0, backoff: 1, concurrency: 1, grace: 1 };
  return {
    session: { op: "create", created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20 },
    rev: 1,
    submissions: [
      { id: "a", task, options, ordinal: 1, segments: 1, tasks: chunks, ended: true, cancelled: false, grants: [] },
    ],
    segments: [{ submission: 0, ordinal: 0, count: chunks, chunk: 1, index: 0, task: 0, firstChunk: 0 }],
    tasks: chunks,
    chunks,
    grants: 0,
    cancelled: false,
    cancelledTasks: [],
  };
}

/** Chunk 0 is held, 1 finished, 2 done but not all of it, 3 held in its second turn and at its second epoch, 4 free. */
function fiveChunks(store: MemoryStore): void {
  const id = (i: number, t = 0) => ({ s: 0, i, t });
  for (let i = 0; i < 4; i++) store.objects.set(keys.lease({ ...id(i), e: 1 }), empty);
  for (const i of [1, 2, 3]) store.objects.set(keys.done(id(i)), empty);
  const counts = { failed: 0, cancelled: 0, again: 1 };
  for (const i of [2, 3]) store.objects.set(keys.odd({ ...id(i), e: 1 }, { first: 0, count: 1 }, counts), empty);
  for (const e of [1, 2]) store.objects.set(keys.lease({ ...id(3, 1), e }), empty);
}

test.each([1, 2, 3, 4, 1000])("tells how each chunk stands from pages of %i", async (page) => {
  const store = new MemoryStore();
  store.page = page;
  fiveChunks(store);
  const { standings, from, to } = await scan(factsOf(store, virtualRuntime()), keys, ledgerOf(5), 0);
  expect({ from, to }).toEqual({ from: 0, to: 5 });
  expect([...standings].map(([number, { kind }]) => [number, kind])).toEqual([
    [0, "held"],
    [1, "finished"],
    [2, "odd"],
    [3, "held"],
    [4, "fresh"],
  ]);
  expect(standings.get(3)).toMatchObject({ id: { s: 0, i: 3, t: 1, e: 2 } });
});

test.each([7, 100, 1000])(
  "stops behind 1,000 leases, at a chunk that it has seen whole, with pages of %i",
  async (page) => {
    const store = new MemoryStore();
    store.page = page;
    for (let i = 0; i < 999; i++) for (const e of [1, 2]) store.objects.set(keys.lease({ s: 0, i, t: 0, e }), empty);
    const { standings, to } = await scan(factsOf(store, virtualRuntime()), keys, ledgerOf(999), 0);
    // What is told is true: none of these chunks is free, and each is at its second epoch but perhaps the last of a page.
    expect(to).toBeGreaterThanOrEqual(499);
    expect(to).toBeLessThan(999);
    for (const [number, standing] of standings)
      expect({ number, ...standing }).toMatchObject({ kind: "held", id: { e: 2 } });
  },
);

test("goes on where it stopped", async () => {
  const store = new MemoryStore();
  fiveChunks(store);
  const { standings, from } = await scan(factsOf(store, virtualRuntime()), keys, ledgerOf(5), 3);
  expect(from).toBe(3);
  expect([...standings].map(([number, { kind }]) => [number, kind])).toEqual([
    [3, "held"],
    [4, "fresh"],
  ]);
});

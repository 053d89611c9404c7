import { beforeEach, expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../test/memory-store.ts";
import { claimFresh, claimFromLost, claimNext, hasNextTurn, readSummary } from "./claim.ts";
import type { Claimer } from "./claim.ts";
import { facts as factsOf } from "./facts.ts";
import type { Facts } from "./facts.ts";
import type { Item } from "./items.ts";
import type { Grant } from "./ledger.ts";
import { parseOdd, sessionKeys } from "./keys.ts";
import { chunkNumbered } from "./chunk.ts";
import type { Chunk } from "./chunk.ts";
import { appendEntry, readLedger } from "./read-ledger.ts";
import { scan } from "./scan.ts";
import type { BatchResult, Turn } from "./turn.ts";

const keys = sessionKeys("s");
let store = new MemoryStore();
let facts: Facts;
let chunk: Chunk;

/** A chunk of four tasks, cut into batches of 1, 2 and 1. */
beforeEach(async () => {
  store = new MemoryStore();
  facts = factsOf(store, virtualRuntime());
  const { ledger } = await appendEntry(facts, keys, undefined, {
    actor: "a",
    ordinal: 0,
    operations: [
      { op: "create", created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20 },
      {
        op: "open",
        submission: "a",
        task: { kind: "command", name: "c", argv: ["true"], substitute: false },
        options: { retries: 0, backoff: 1, concurrency: 1, grace: 1 },
      },
      { op: "append", submission: "a", from: 0, counts: [4], chunk: 4 },
    ],
  });
  const found = chunkNumbered(ledger, 0);
  if (!found) throw new Error("The ledger lost its chunk.");
  chunk = found;
});

function claimer(owner: string, grants: readonly Grant[] = []): Claimer {
  return { facts, keys, owner, commitInterval: 100, grants: () => grants, seconds: () => undefined };
}

function result(part: Partial<BatchResult>): BatchResult {
  return { lines: [], succeeded: 0, failed: [], cancelled: 0, again: [], seconds: 0, blobs: 0, logs: [], ...part };
}

function good(count: number): BatchResult {
  return result({ succeeded: count });
}

function had<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("It was not there.");
  return value;
}

async function commitAll(turn: Turn, results: readonly BatchResult[]): Promise<string[]> {
  const said: string[] = [];
  for (const [n, each] of results.entries()) said.push(await turn.commit(n, each));
  return said;
}

test("of two claims one wins", async () => {
  const [one, two] = await Promise.all([claimFresh(claimer("one"), chunk), claimFresh(claimer("two"), chunk)]);
  expect([one, two].filter((turn) => turn !== undefined)).toHaveLength(1);
});

test("a commit that tells of dropped output is marked as one to be read, and counts as nothing else", async () => {
  const turn = had(await claimFresh(claimer("one"), chunk));
  const log = { offset: 0, attempt: 1, at: 0, bytes: 0, dropped: 7 };
  await commitAll(turn, [result({ succeeded: 1, logs: [{ log, bytes: new Uint8Array() }] }), good(2), good(1)]);
  const marks = [...store.objects.keys()].filter((key) => key.startsWith(keys.odds));
  expect(marks.map((key) => parseOdd(key.slice(keys.odds.length)))).toMatchObject([
    { t: 0, first: 0, failed: 0, cancelled: 0, again: 0 },
  ]);
  expect(hasNextTurn(chunk, had(turn.summary), [])).toBe(false);
});

test("the last batch comes after all others, and its summary counts them", async () => {
  const turn = had(await claimFresh(claimer("one"), chunk));
  expect(turn.batches.map(({ count }) => count)).toEqual([1, 2, 1]);
  await expect(turn.commit(2, good(1))).rejects.toThrow(/after all others/);
  await commitAll(turn, [good(1), result({ succeeded: 1, failed: [1] }), good(1)]);
  expect(turn.summary).toMatchObject({ succeeded: 3, failed: 1, failedTasks: [1], again: [], items: 4 });
  expect(await readSummary(facts, keys, turn.id)).toEqual(turn.summary);
});

test("a summary tells the run time of the whole turn, of parts that another owner wrote as well", async () => {
  const old = had(await claimFresh(claimer("old"), chunk));
  await old.commit(0, result({ succeeded: 1, seconds: 0.1 }));
  const next = had(await claimFromLost(claimer("next"), chunk, old.id, "lost"));
  await old.commit(1, result({ succeeded: 2, seconds: 0.2 }));
  await commitAll(next, [
    result({ succeeded: 1, seconds: 7 }),
    result({ succeeded: 2, seconds: 7 }),
    result({ succeeded: 1, seconds: 4 }),
  ]);
  expect(next.summary?.seconds).toBe(4.3);
});

test("what is not wholly successful is marked before it is committed; what is, never", async () => {
  const turn = had(await claimFresh(claimer("one"), chunk));
  await commitAll(turn, [good(1), result({ succeeded: 1, failed: [1] }), good(1)]);
  const created = store.operations
    .filter((operation) => operation.startsWith("create s/s/"))
    .map((operation) => operation.slice(11).split("/")[0]);
  expect(created).toEqual(["manifest", "lease", "part", "odd", "part", "odd", "done"]);
  const odds = [...store.objects.keys()]
    .filter((key) => key.startsWith(keys.odds))
    .map((key) => parseOdd(key.slice(keys.odds.length)));
  expect(odds).toMatchObject([
    { first: 1, count: 2, failed: 1 },
    { first: 3, count: 1, failed: 1 },
  ]);
});

test("a late commit of an owner before wins its batch, and the new owner goes on", async () => {
  const old = had(await claimFresh(claimer("old"), chunk));
  const next = had(await claimFromLost(claimer("next"), chunk, old.id, "lost"));
  expect(await old.commit(0, result({ failed: [0] }))).toBe("committed");
  expect(await commitAll(next, [good(1), good(2), good(1)])).toEqual(["committed", "committed", "committed"]);
  // Counts come from what was committed, not from what this owner remembers.
  expect(next.summary).toMatchObject({ succeeded: 3, failed: 1, failedTasks: [0] });
});

test("an owner that was overtaken learns it by the batch that it loses", async () => {
  const old = had(await claimFresh(claimer("old"), chunk));
  const next = had(await claimFromLost(claimer("next"), chunk, old.id, "lost"));
  await next.commit(0, good(1));
  expect(await old.commit(0, result({ failed: [0] }))).toBe("superseded");
  expect(old.summary).toBeUndefined();
  await commitAll(next, [good(1), good(2), good(1)]);
  expect(await old.commit(1, good(2))).toBe("superseded");
});

test("a turn that an owner before ended late is done as that one said", async () => {
  const old = had(await claimFresh(claimer("old"), chunk));
  await commitAll(old, [good(1), good(2)]);
  const next = had(await claimFromLost(claimer("next"), chunk, old.id, "crash"));
  expect([next.isCommitted(0), next.isCommitted(1), next.isCommitted(2)]).toEqual([true, true, false]);
  await old.commit(2, result({ again: [{ offset: 3, attempt: 2 }] }));
  expect(await next.commit(2, good(1))).toBe("committed");
  expect(next.summary?.again).toEqual([{ offset: 3, attempt: 2 }]);
});

test("one's own commit is known, though its answer was lost", async () => {
  const turn = had(await claimFresh(claimer("one"), chunk));
  let lost = 2;
  store.interference = {
    after: (_, key) => {
      if (key.includes("/part/") && lost-- > 0)
        throw Object.assign(new Error("no answer"), { retryable: true, code: "unknown" });
    },
  };
  expect(await commitAll(turn, [good(1), good(2), good(1)])).toEqual(["committed", "committed", "committed"]);
});

test("the next turn has what was carried over, and the deaths that it stood under", async () => {
  const first = had(await claimFresh(claimer("one"), chunk));
  const lost = had(await claimFromLost(claimer("two"), chunk, first.id, "crash"));
  const again: Item[] = [
    { offset: 1, attempt: 2, notBefore: 77 },
    { offset: 2, attempt: 1 },
  ];
  await commitAll(lost, [good(1), result({ again }), result({ failed: [3] })]);
  const summary = had(lost.summary);
  expect(hasNextTurn(chunk, summary, [])).toBe(true);
  const turn = had(await claimNext(claimer("three"), chunk, lost.id, summary));
  expect(turn.lease).toMatchObject({ items: again, crashes: 1, grant: 0, because: "again", epoch: 1 });
  await commitAll(turn, [good(1), good(1)]);
  // Failed of the whole chunk, not of this turn only.
  expect(turn.summary).toMatchObject({ failedTasks: [3], failed: 0, succeeded: 2, again: [] });
  expect(hasNextTurn(chunk, had(turn.summary), [])).toBe(false);
});

test("a grant opens the failed ones again from attempt 1, once", async () => {
  const first = had(await claimFresh(claimer("one"), chunk));
  await commitAll(first, [result({ failed: [0] }), good(2), result({ failed: [3] })]);
  const summary = had(first.summary);
  expect(hasNextTurn(chunk, summary, [])).toBe(false);
  expect(await claimNext(claimer("one"), chunk, first.id, summary)).toBeUndefined();
  expect(hasNextTurn(chunk, summary, ["all"])).toBe(true);
  const second = had(await claimNext(claimer("two", ["all"]), chunk, first.id, summary));
  expect(second.lease).toMatchObject({
    items: [
      { offset: 0, attempt: 1 },
      { offset: 3, attempt: 1 },
    ],
    grant: 1,
    because: "grant",
  });
  // The takeover copies the grant, though its owner has read more of the ledger.
  const taken = had(await claimFromLost(claimer("three", ["all", "all", "all"]), chunk, second.id, "left"));
  expect(taken.lease.grant).toBe(1);
  await commitAll(taken, [good(1), result({ failed: [3] })]);
  expect(taken.summary).toMatchObject({ failedTasks: [3], grant: 1 });
  expect(hasNextTurn(chunk, had(taken.summary), ["all"])).toBe(false);
});

test("a grant that names tasks opens those again, and the others stay failed", async () => {
  const first = had(await claimFresh(claimer("one"), chunk));
  await commitAll(first, [result({ failed: [0] }), good(2), result({ failed: [3] })]);
  const summary = had(first.summary);
  // Named by their place in the session: this chunk's tasks are its first four.
  expect(hasNextTurn(chunk, summary, [[1, 2, 4]])).toBe(false);
  const second = had(await claimNext(claimer("two", [[1], [3, 9]]), chunk, first.id, summary));
  expect(second.lease).toMatchObject({ items: [{ offset: 3, attempt: 1 }], grant: 2, because: "grant" });
  await commitAll(second, [good(1)]);
  expect(second.summary).toMatchObject({ failedTasks: [0], grant: 2 });
  expect(hasNextTurn(chunk, had(second.summary), [[1], [3, 9]])).toBe(false);
  expect(hasNextTurn(chunk, had(second.summary), [[1], [3, 9], "all"])).toBe(true);
});

test("behind the fence nothing is leased, though it was read only on the way to the lease", async () => {
  const gone = had(await claimFresh(claimer("gone"), chunk));
  let fenced = false;
  const told: Facts = {
    ...facts,
    get: async (key) => {
      fenced = true;
      return facts.get(key);
    },
  };
  const late: Claimer = { ...claimer("late"), facts: told, isStopped: () => fenced };
  expect(await claimFromLost(late, chunk, gone.id, "lost")).toBeUndefined();
  expect(await facts.get(keys.lease({ ...gone.id, e: 2 }))).toBeUndefined();
});

test("the suspect is what was tried last under the epoch that died", async () => {
  const first = had(await claimFresh(claimer("one"), chunk));
  await facts.create(keys.try(first.id, 1), new Uint8Array());
  await facts.create(keys.try(first.id, 2), new Uint8Array());
  const second = had(await claimFromLost(claimer("two"), chunk, first.id, "crash"));
  expect(second.lease.suspects).toEqual({ 2: { crashes: 1, losses: 0 } });
  const third = had(await claimFromLost(claimer("three"), chunk, second.id, "crash"));
  // Nothing was tried under epoch 2: nobody is blamed for its end.
  expect(third.lease.suspects).toEqual({ 2: { crashes: 1, losses: 0 } });
  expect(third.lease.crashes).toBe(2);
});

test("a task whose outcome is committed is no suspect", async () => {
  const first = had(await claimFresh(claimer("one"), chunk));
  await facts.create(keys.try(first.id, 0), new Uint8Array());
  await first.commit(0, result({ again: [{ offset: 0, attempt: 2 }] }));
  const second = had(await claimFromLost(claimer("two"), chunk, first.id, "crash"));
  expect(second.lease).toMatchObject({ crashes: 1 });
  expect(second.lease.suspects).toBeUndefined();
});

test("a listing tells how the chunk stands at each step", async () => {
  const ledger = had(await readLedger(facts, keys));
  const standing = async () => (await scan(facts, keys, ledger, 0)).standings.get(0);
  expect(await standing()).toEqual({ kind: "fresh" });
  const turn = had(await claimFresh(claimer("one"), chunk));
  expect(await standing()).toMatchObject({ kind: "held", id: { e: 1 } });
  const taken = had(await claimFromLost(claimer("two"), chunk, turn.id, "left"));
  expect(await standing()).toMatchObject({ kind: "held", id: { e: 2 } });
  await commitAll(taken, [good(1), good(2), result({ again: [{ offset: 3, attempt: 2 }] })]);
  expect(await standing()).toEqual({ kind: "odd", t: 0 });
  const next = had(await claimNext(claimer("three"), chunk, taken.id, had(taken.summary)));
  expect(await standing()).toMatchObject({ kind: "held", id: { t: 1, e: 1 } });
  await commitAll(next, [good(1)]);
  expect((await standing())?.kind).not.toBe("held");
});

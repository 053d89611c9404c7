import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cancelledIn, chunkAt, chunkNumbered } from "./chunk.ts";
import { entryBody, parseEntry } from "./entry.ts";
import { fold, snapshotEvery, stateOf, totals } from "./fold.ts";
import type { CreateOperation, Entry, Ledger, Operation } from "./ledger.ts";
import { facts as factsOf } from "./facts.ts";
import { sessionKeys } from "./keys.ts";
import { appendEntry, followLedger, joinLedger, ledgerAt, readLedger } from "./read-ledger.ts";
import { MemoryStore, unanswered, virtualRuntime } from "../../test/memory-store.ts";

const create: CreateOperation = {
  op: "create",
  created: 1,
  ttl: 1000,
  commitInterval: 100,
  linger: 0,
  crashBudget: 20,
};
const opening = (submission: string): Operation => ({
  op: "open",
  submission,
  task: { kind: "command", name: "c", argv: ["true"], substitute: false },
  options: { retries: 0, backoff: 1, concurrency: 1, grace: 1 },
});

function folded(...operations: readonly (readonly Operation[])[]): Ledger {
  let ledger: Ledger | undefined;
  const none = { tasks: 0, segments: 0, chunks: 0, submissions: 0, open: 0, state: "open" as const, grants: 0 };
  for (const [rev, all] of [[create], ...operations].entries()) {
    const first = all[0];
    const actor = first !== undefined && "submission" in first ? (first.submission ?? "client") : "client";
    const entry: Entry = { v: 1, rev, actor, ordinal: rev, operations: all, totals: none };
    ledger = fold(ledger, parseEntry(entryBody(entry)));
  }
  if (!ledger) throw new Error("Nothing was folded.");
  return ledger;
}

test("indexes are dense within a submission and within the session", () => {
  const ledger = folded(
    [opening("a"), { op: "append", submission: "a", from: 0, counts: [1000, 5], chunk: 10 }],
    [opening("b"), { op: "append", submission: "b", from: 0, counts: [3], chunk: 2 }, { op: "end", submission: "b" }],
    [
      { op: "append", submission: "a", from: 2, counts: [7], chunk: 1000 },
      { op: "end", submission: "a" },
    ],
  );
  expect(ledger).toMatchObject({ tasks: 1015, chunks: 100 + 1 + 2 + 1 });
  expect(ledger.segments.map(({ index, task, firstChunk }) => [index, task, firstChunk])).toEqual([
    [0, 0, 0],
    [1000, 1000, 100],
    [0, 1005, 101],
    [1005, 1008, 103],
  ]);
  expect(stateOf(ledger)).toBe("ended");
});

test("nothing follows an end, a gap or a cancel", () => {
  const base: Operation[][] = [[opening("a"), { op: "append", submission: "a", from: 0, counts: [2], chunk: 1 }]];
  const more: Operation = { op: "append", submission: "a", from: 1, counts: [9], chunk: 1 };
  expect(folded(...base, [more]).tasks).toBe(11);
  expect(folded(...base, [{ op: "end", submission: "a" }], [more]).tasks).toBe(2);
  expect(folded(...base, [{ op: "cancel", submission: "a", because: "" }], [more]).tasks).toBe(2);
  expect(folded(...base, [{ ...more, from: 2 }]).tasks).toBe(2);
  expect(folded(...base, [more], [more]).tasks).toBe(11);
});

test("cancelling everything also cancels what is opened after it", () => {
  const ledger = folded([opening("a")], [{ op: "cancel", because: "" }], [opening("b")]);
  expect(ledger.submissions.map(({ cancelled }) => cancelled)).toEqual([true, true]);
  expect(stateOf(ledger)).toBe("cancelled");
});

test("a pause ends with a resume", () => {
  const paused = folded([opening("a")], [{ op: "pause", because: "crashes", message: "why" }]);
  expect(stateOf(paused)).toBe("paused");
  expect(
    stateOf(folded([opening("a")], [{ op: "pause", because: "crashes", message: "why" }], [{ op: "resume" }])),
  ).toBe("open");
});

test("folding changes no older fold", () => {
  const before = folded([opening("a"), { op: "append", submission: "a", from: 0, counts: [2], chunk: 1 }]);
  const frozen = structuredClone(before);
  fold(before, {
    v: 1,
    rev: 2,
    actor: "a",
    ordinal: 2,
    operations: [
      { op: "append", submission: "a", from: 1, counts: [1], chunk: 1 },
      { op: "end", submission: "a" },
    ],
    totals: totals(before),
  });
  expect(before).toEqual(frozen);
});

test("every task is in exactly one chunk, and a chunk's number finds it", () => {
  const appends = fc.array(
    fc.record({
      counts: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 4 }),
      chunk: fc.integer({ min: 1, max: 1000 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(appends, (all) => {
      let from = 0;
      const entries = all.map(({ counts, chunk }): Operation[] => {
        const operation: Operation = { op: "append", submission: "a", from, counts, chunk };
        from += counts.length;
        return [operation];
      });
      const ledger = folded([opening("a")], ...entries);
      let task = 0;
      for (let number = 0; number < ledger.chunks; number++) {
        const chunk = chunkNumbered(ledger, number);
        expect(chunk).toMatchObject({ number, task, index: task });
        expect(chunk && chunkAt(ledger, chunk)).toEqual(chunk);
        task += chunk?.count ?? 0;
      }
      expect(task).toBe(ledger.tasks);
      expect(chunkNumbered(ledger, ledger.chunks)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

test("many writers append each of their entries once, in one order, though answers are lost", async () => {
  const store = new MemoryStore();
  const keys = sessionKeys("s");
  let operations = 0;
  store.interference = {
    // Everybody waits now and then, and every seventh create takes effect without an answer.
    before: () => (operations++ % 3 === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined),
    after: () => {
      if (operations % 7 === 0) throw unanswered();
    },
  };
  const facts = () => factsOf(store, virtualRuntime());
  const { ledger } = await appendEntry(facts(), keys, undefined, { actor: "client", ordinal: 0, operations: [create] });
  const writers = Array.from({ length: 8 }, async (_, w) => {
    const own = facts();
    let current = ledger;
    for (let ordinal = 0; ordinal < 12; ordinal++) {
      const operations: Operation[] =
        ordinal === 0
          ? [opening(`w${w}`)]
          : [{ op: "append", submission: `w${w}`, from: ordinal - 1, counts: [w + 1], chunk: 1 }];
      const result = await appendEntry(own, keys, current, { actor: `w${w}`, ordinal, operations });
      expect(result.written).toBe(true);
      current = result.ledger;
    }
  });
  await Promise.all(writers);
  const read = await readLedger(facts(), keys);
  expect(read?.rev).toBe(8 * 12);
  expect(read?.tasks).toBe(11 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8));
  expect(read?.submissions.every(({ segments, ordinal }) => segments === 11 && ordinal === 12)).toBe(true);
  // What a joiner folds from the newest snapshot is what everybody folded from the beginning.
  expect(read?.rev).toBeGreaterThan(snapshotEvery);
  expect(await followLedger(facts(), keys, ledger)).toEqual(read);
});

test("an entry that an earlier life wrote is known as one's own; an inadmissible one is not written", async () => {
  const facts = factsOf(new MemoryStore(), virtualRuntime());
  const keys = sessionKeys("s");
  const { ledger } = await appendEntry(facts, keys, undefined, { actor: "c", ordinal: 0, operations: [create] });
  const writing = { actor: "a", ordinal: 0, operations: [opening("a")] };
  const first = await appendEntry(facts, keys, ledger, writing);
  const again = await appendEntry(facts, keys, ledger, {
    ...writing,
    operations: [opening("a"), { op: "end", submission: "a" }],
  });
  expect(again).toEqual({ ...first, exact: false });
  expect(
    (
      await appendEntry(
        facts,
        keys,
        ledger,
        { actor: "b", ordinal: 0, operations: [opening("b")] },
        ({ submissions }) => submissions.length === 0,
      )
    ).written,
  ).toBe(false);
  expect((await readLedger(facts, keys))?.submissions).toHaveLength(1);
});

describe("a joiner", () => {
  const keys = sessionKeys("s");
  const several = (count: number): Operation => ({
    op: "append",
    submission: "a",
    from: 0,
    counts: Array.from({ length: count }, () => 1),
    chunk: 1,
  });

  /** A ledger of these entries behind its first, and what is read of it. */
  async function joined(entries: readonly (readonly Operation[])[]) {
    const store = new MemoryStore();
    const reads: string[] = [];
    store.interference = {
      before: (operation, key) => void (operation === "get" && reads.push(key.slice(keys.manifests.length))),
    };
    const facts = factsOf(store, virtualRuntime());
    let ledger: Ledger | undefined;
    for (const [ordinal, operations] of [[create], ...entries].entries())
      ({ ledger } = await appendEntry(facts, keys, ledger, { actor: "c", ordinal, operations }));
    reads.length = 0;
    return { facts, ledger, reads };
  }

  test("reads one entry of a small session", async () => {
    const { facts, ledger, reads } = await joined([[opening("a"), several(9)], [{ op: "end" }]]);
    expect(await joinLedger(facts, keys, 2)).toEqual(ledger);
    expect(reads).toEqual(["00000002"]);
  });

  test("reads on until there is work, and no further", async () => {
    const { facts, reads } = await joined([[opening("a")], [several(9)], [{ op: "end" }]]);
    expect(await joinLedger(facts, keys, 0)).toMatchObject({ rev: 2, tasks: 9 });
    expect(reads).toEqual(["00000000", "00000001", "00000002"]);
  });

  test("begins at an entry that is not there yet", async () => {
    const { facts, ledger, reads } = await joined([]);
    expect(await joinLedger(facts, keys, 1)).toEqual(ledger);
    expect(reads).toEqual(["00000001", "00000000"]);
  });

  test("reads the entries of a large session from the newest fold on", async () => {
    const { facts, ledger, reads } = await joined([[opening("a")], [several(900)], [{ op: "end" }]]);
    expect(await joinLedger(facts, keys, 3)).toEqual(ledger);
    expect(reads).toEqual(["00000003", "00000002", "00000001"]);
  });

  test("of a session whose entries are partly gone knows nothing", async () => {
    const { facts } = await joined([[opening("a")], [several(900)]]);
    await facts.delete([keys.manifest(1)]);
    expect(await ledgerAt(facts, keys, 2)).toBeUndefined();
  });
});

test("a session that is not there is undefined", async () => {
  expect(await readLedger(factsOf(new MemoryStore(), virtualRuntime()), sessionKeys("none"))).toBeUndefined();
});

test("a retry grants every submission that is not cancelled another chance, or the one that it names", () => {
  const both = [opening("a"), opening("b")];
  const ledger = folded(both, [{ op: "cancel", submission: "a", because: "x" }], [{ op: "retry", tasks: [3] }]);
  expect(ledger.submissions.map(({ grants }) => grants)).toEqual([[], [[3]]]);
  expect(ledger.grants).toBe(1);
  const one = folded(both, [{ op: "retry", submission: "a" }], [{ op: "retry" }]);
  expect(one.submissions.map(({ grants }) => grants)).toEqual([["all", "all"], ["all"]]);
  const none = folded(both, [{ op: "cancel", because: "x" }], [{ op: "retry" }]);
  expect(none.grants).toBe(0);
});

test("tasks are cancelled one by one if they are there", () => {
  const ledger = folded(
    [opening("a"), { op: "append", submission: "a", from: 0, counts: [4, 6], chunk: 3 }],
    [{ op: "cancelTask", tasks: [5, 9, 10, -1, 2.5], because: "x" }],
    [{ op: "cancelTask", tasks: [4, 5], because: "x" }],
  );
  expect(ledger.cancelledTasks).toEqual([4, 5, 9]);
  const chunk = chunkNumbered(ledger, 2);
  expect(chunk && { task: chunk.task, count: chunk.count, cancelled: cancelledIn(ledger, chunk) }).toEqual({
    task: 4,
    count: 3,
    cancelled: [0, 1],
  });
});

test("a warning stands until somebody wants to be told of another amount", () => {
  const warn: Operation[] = [{ op: "warn", message: "USD 4 are spent" }];
  expect(folded(warn).warned).toBe("USD 4 are spent");
  expect(folded(warn, [{ op: "extend", budget: { amount: 9, currency: "USD" } }]).warned).toBe("USD 4 are spent");
  const later = folded(warn, [{ op: "extend", warnAt: { amount: 8, currency: "USD" } }]);
  expect(later).not.toHaveProperty("warned");
  expect(later.session.warnAt).toEqual({ amount: 8, currency: "USD" });
});

test("what was extended goes on, if that was what it was paused for", () => {
  const pause = (because: "deadline" | "budget" | "crashes"): Operation[] => [{ op: "pause", because, message: "m" }];
  const deadline: Operation[] = [{ op: "extend", deadline: 9 }];
  expect(folded([opening("a")], pause("deadline"), deadline)).toMatchObject({ session: { deadline: 9 } });
  expect(folded(pause("deadline"), deadline).paused).toBeUndefined();
  expect(folded(pause("budget"), deadline).paused).toBeDefined();
  const budget = { amount: 5, currency: "USD" };
  expect(folded(pause("budget"), [{ op: "extend", budget }])).not.toHaveProperty("paused");
  expect(folded(pause("crashes"), [{ op: "extend", budget }], deadline).paused).toBeDefined();
});

test("an end without a submission ends all that are open", () => {
  expect(stateOf(folded([opening("a"), opening("b")], [{ op: "end" }]))).toBe("ended");
});

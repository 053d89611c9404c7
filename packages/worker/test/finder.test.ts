import { appendEntry, facts as factsOf, sessionKeys } from "@skyburst/core/protocol";
import { expect, test } from "vitest";
import { MemoryStore } from "../../core/test/memory-store.ts";
import { VirtualTime } from "../../core/test/virtual-time.ts";
import { Finder } from "../src/finder.ts";

const keys = sessionKeys("s");

/** A worker of a fleet of so many, in a session in which all is leased by others. */
async function behindOthers(workers: number, random: number) {
  const store = new MemoryStore();
  const { runtime } = new VirtualTime().process("worker");
  const facts = factsOf(store, runtime);
  const { ledger } = await appendEntry(facts, keys, undefined, {
    actor: "c",
    ordinal: 0,
    operations: [
      { op: "create", created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20 },
      {
        op: "open",
        submission: "a",
        task: { kind: "command", name: "c", argv: ["true"], substitute: false },
        options: { retries: 0, backoff: 1, concurrency: 1, grace: 1 },
      },
      { op: "append", submission: "a", from: 0, counts: [2], chunk: 1, inputs: [{ bytes: 4 }] },
    ],
  });
  const finder = (fleet: number, slot: number) =>
    new Finder({
      facts,
      keys,
      runtime: { ...runtime, random: () => random },
      ttl: 1000,
      slot,
      workers: fleet,
      isOver: async () => false,
    });
  const claimer = (owner: string) => ({
    facts,
    keys,
    owner,
    commitInterval: 100,
    grants: () => [],
    seconds: () => undefined,
  });
  expect(await finder(1, 0).find(claimer("owner"), ledger, 2, () => false)).toHaveLength(2);
  return { ledger, finder: finder(workers, 7), claimer: claimer("other") };
}

test.each([
  ["of a large fleet, by chance", 500, 0.99, [true, true, true, false, true, true, true, false]],
  ["of a large fleet, when it is its turn", 500, 0.2, [false, false, false, false]],
  ["of a small fleet", 64, 0.99, [false, false, false, false]],
])("a worker %s: which looks it leaves to others", async (_, workers, random, expected) => {
  const { ledger, finder, claimer } = await behindOthers(workers, random);
  // Before its own stripe has ended, nothing is left to anybody.
  expect(finder.leavesLook(ledger)).toBe(false);
  expect(await finder.find(claimer, ledger, 1, () => false)).toEqual([]);
  expect(expected.map(() => finder.leavesLook(ledger))).toEqual(expected);
});

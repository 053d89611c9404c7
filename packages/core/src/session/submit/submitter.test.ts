import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../../test/memory-store.ts";
import { parseEntry } from "../../protocol/entry.ts";
import { facts as factsOf } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import { appendEntry, readLedger } from "../../protocol/read-ledger.ts";
import { readInputs } from "../../protocol/segment.ts";
import type { Segment } from "../../protocol/segment.ts";
import { LedgerView } from "../ledger-view.ts";
import { Submitter } from "./submitter.ts";

const keys = sessionKeys("s");
const segment = segmentOf("1");
const other = segmentOf("2");
/** Two of these are more than rides behind an entry. */
const [large, larger] = [segmentOf("3", 270_000), segmentOf("4", 270_001)];

function segmentOf(value: string, size = value.length): Segment {
  return { count: 1, rich: [], lines: new TextEncoder().encode(`${value.padStart(size)}\n`) };
}

async function submitterOn(store: MemoryStore, slots = 1): Promise<Submitter> {
  const facts = factsOf(store, virtualRuntime());
  const create = { op: "create" as const, created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20 };
  const beginning = { actor: "c", ordinal: 0, operations: [create] };
  const ledger = (await readLedger(facts, keys)) ?? (await appendEntry(facts, keys, undefined, beginning)).ledger;
  const submitter = new Submitter({
    facts,
    keys,
    view: new LedgerView(facts, keys, ledger),
    submission: "a",
    slots,
    grown: () => undefined,
  });
  submitter.open(
    { kind: "command", name: "c", argv: ["true"], substitute: false },
    { retries: 0, backoff: 1, concurrency: 1, grace: 1 },
  );
  return submitter;
}

test("an entry names only segments that are stored, whatever is written meanwhile", async () => {
  const store = new MemoryStore();
  const submitter = await submitterOn(store);
  const named: string[] = [];
  const release: [() => void, () => void] = [() => undefined, () => undefined];
  const held = [0, 1].map((n) => new Promise<void>((resolve) => (release[n as 0 | 1] = resolve)));
  store.interference = {
    before: (operation, key) => {
      if (operation === "create" && key === keys.segment("a", 1)) return held[1];
      if (operation === "create" && key === keys.segment("a", 2)) return held[0];
      if (operation === "create" && key.startsWith(keys.manifests)) named.push(...store.objects.keys());
      return undefined;
    },
  };
  await submitter.write(large);
  await submitter.write(large);
  const appending = submitter.append(false, false);
  // Begun while the append waits for the first ones.
  await submitter.write(large);
  await submitter.write(large);
  release[1]();
  await appending;
  expect(named).toContain(keys.segment("a", 0));
  expect(named).toContain(keys.segment("a", 1));
  expect(submitter.pending).toBe(true);
  const entry = JSON.parse(Buffer.from(store.objects.get(keys.manifest(1)) ?? []).toString()) as {
    operations: { op: string; counts?: number[] }[];
  };
  expect(entry.operations.find(({ op }) => op === "append")?.counts).toEqual([1, 1]);
  release[0]();
  await submitter.append(true, false);
  expect(submitter.pending).toBe(false);
});

test("a segment that can't be written fails the submission, and nothing is named", async () => {
  const store = new MemoryStore();
  const submitter = await submitterOn(store);
  store.interference = {
    before: (operation, key) => {
      if (operation === "create" && key.includes("/segment/")) throw new Error("the disk is on fire");
    },
  };
  await submitter.write(large);
  await submitter.write(large);
  await expect(submitter.append(true, true)).rejects.toThrow("the disk is on fire");
  expect(store.objects.has(keys.manifest(1))).toBe(false);
  expect(await submitter.cancel("")).toBe(false);
});

test.each([
  ["behind an entry", [segment], [other]],
  ["behind an entry, of which the first are the same", [segment, segment], [segment, other]],
  ["as objects", [large, large], [large, larger]],
  ["once behind an entry, once as objects", [segment, segment], [large, large]],
  ["once as objects, once behind an entry", [large, large], [segment, segment]],
])("two submitters under one name with other inputs, %s: the second one is told", async (_, ones, others) => {
  const store = new MemoryStore();
  // One that begins beside it, and finds an entry in the place of its own, and one that begins behind it.
  const [one, two] = [await submitterOn(store), await submitterOn(store)];
  for (const each of ones) await one.write(each);
  await one.append(false, false);
  const three = await submitterOn(store);
  for (const submitter of [two, three]) {
    await expect(
      (async () => {
        for (const each of others) await submitter.write(each);
        await submitter.append(true, false);
      })(),
    ).rejects.toThrow(/Two processes submit as a/);
  }
});

test("few inputs ride behind their entry, more are objects, and each is found where it is", async () => {
  const store = new MemoryStore();
  const submitter = await submitterOn(store);
  const rich = { ...segmentOf('{"value":1}'), rich: [0] };
  const all = [[segment, rich, other], [large, larger], [other], [segment, large, large]];
  for (const each of all) {
    for (const one of each) await submitter.write(one);
    await submitter.append(false, true);
  }
  await submitter.append(true, true);
  const facts = factsOf(store, virtualRuntime());
  const ledger = await readLedger(facts, keys);
  const found = await Promise.all((ledger?.segments ?? []).map((row) => readInputs(facts, keys, "a", row)));
  expect(found.map(shown)).toEqual(all.flat().map(shown));
  expect([...store.objects.keys()].filter((key) => key.includes("/segment/")).sort()).toEqual(
    [3, 4, 6, 7, 8].map((ordinal) => keys.segment("a", ordinal)),
  );
});

function shown(segment: Segment | undefined) {
  return segment && { ...segment, lines: new TextDecoder().decode(segment.lines).trim() };
}

test("inputs that come while an entry is written ride behind the next one", async () => {
  const store = new MemoryStore();
  const submitter = await submitterOn(store);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  store.interference = {
    before: (operation, key) => (operation === "create" && key === keys.manifest(1) ? held : undefined),
  };
  await submitter.write(large);
  const appending = submitter.append(false, false);
  // With the one before it would be too much, and that is on its way.
  await submitter.write(large);
  release();
  await appending;
  await submitter.append(true, false);
  expect([...store.objects.keys()].filter((key) => key.includes("/segment/"))).toEqual([]);
  expect((await readLedger(factsOf(store, virtualRuntime()), keys))?.segments.map(({ rev }) => rev)).toEqual([1, 2]);
});

test.each([
  ["before anything was named", 0],
  ["behind its first entry", 1],
  ["behind its last entry", 2],
])("a submitter that was killed %s and is started again submits the rest, once", async (_, entries) => {
  const store = new MemoryStore();
  const killed = await submitterOn(store);
  await killed.write(segment);
  if (entries > 0) await killed.append(false, false);
  await killed.write(other);
  if (entries > 1) await killed.append(true, false);
  const again = await submitterOn(store);
  await again.write(segment);
  await again.write(other);
  await again.append(true, true);
  const ledger = await readLedger(factsOf(store, virtualRuntime()), keys);
  expect(ledger?.submissions).toMatchObject([{ id: "a", segments: 2, tasks: 2, ended: true }]);
  expect(ledger?.segments).toHaveLength(2);
});

test("two submitters with the same inputs under one name submit them once, in whatever order they come", async () => {
  const store = new MemoryStore();
  const [one, two] = [await submitterOn(store), await submitterOn(store)];
  await one.write(segment);
  await one.append(false, false);
  // Its view of the ledger is older: the entry that it finds in its place names less than it wants named.
  await two.write(segment);
  await two.write(other);
  await two.append(true, true);
  await one.write(other);
  await one.append(true, false);
  const facts = factsOf(store, virtualRuntime());
  const ledger = await readLedger(facts, keys);
  expect(ledger?.submissions).toMatchObject([{ segments: 2, tasks: 2, ended: true }]);
  // What the entry that it found did not name came behind one of its own.
  const found = await Promise.all((ledger?.segments ?? []).map((row) => readInputs(facts, keys, "a", row)));
  expect(found.map(shown)).toEqual([segment, other].map(shown));
});

test("fewer inputs than were submitted before are other inputs", async () => {
  const store = new MemoryStore();
  const before = await submitterOn(store);
  await before.write(segment);
  await before.write(other);
  await before.append(true, true);
  const again = await submitterOn(store);
  await again.write(segment);
  await expect(again.append(true, true)).rejects.toThrow("began with other inputs: it has 2 segments, and these are 1");
});

test("another task under the same name is refused", async () => {
  const store = new MemoryStore();
  const before = await submitterOn(store);
  await before.write(segment);
  await before.append(false, true);
  const again = await submitterOn(store);
  const options = { retries: 0, backoff: 1, concurrency: 1, grace: 1 };
  expect(() => again.open({ kind: "command", name: "d", argv: ["false"], substitute: false }, options)).toThrow(
    "Submission a began with another task, `c`",
  );
});

test("a large segment has no more chunks than their numbers have digits for", async () => {
  const store = new MemoryStore();
  const submitter = await submitterOn(store, 100_000);
  const large = { count: 2500, rich: [], lines: new TextEncoder().encode("1\n".repeat(2500)) };
  await submitter.write(large);
  await submitter.append(true, true);
  const entry = parseEntry(store.objects.get(keys.manifest(1)) ?? new Uint8Array());
  expect(entry.operations.find(({ op }) => op === "append")).toMatchObject({ chunk: 3 });
});

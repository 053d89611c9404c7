import { expect, test } from "vitest";
import { MemoryStore, unanswered, virtualRuntime } from "../../test/memory-store.ts";
import { StoreError } from "../store.ts";
import { facts as factsOf, listAll, patience } from "./facts.ts";

const body = new TextEncoder().encode("body");

test("a create without an answer is sent again until it has one, and counts as unsettled all the while", async () => {
  const store = new MemoryStore();
  let lost = 3;
  const unsettled: number[] = [];
  const facts = factsOf(
    store,
    virtualRuntime(() => unsettled.push(facts.unsettled)),
  );
  store.interference = {
    after: () => {
      if (lost-- > 0) throw unanswered();
    },
  };
  expect(await facts.create("a/b", body, { exclusive: true })).toBe(true);
  expect(store.operations).toEqual(["create a/b", "create a/b", "create a/b", "create a/b"]);
  expect(unsettled).toEqual([1, 1, 1]);
  expect(facts.unsettled).toBe(0);
});

test("only a first try may be exclusive: a repeated one could find its own bytes", async () => {
  const store = new MemoryStore();
  const exclusive: (boolean | undefined)[] = [];
  let lost = 1;
  const create = store.create.bind(store);
  store.create = async (key, bytes, options?: { exclusive?: boolean | undefined }) => {
    exclusive.push(options?.exclusive);
    if (lost-- > 0) throw unanswered();
    return create(key, bytes);
  };
  await factsOf(store, virtualRuntime()).create("a/b", body, { exclusive: true });
  expect(exclusive).toEqual([true, false]);
});

test("what is lost is counted, and is no fact of ours", async () => {
  const store = new MemoryStore();
  const runtime = virtualRuntime();
  const facts = factsOf(store, runtime);
  await facts.create("a/b", body);
  await runtime.sleep(5);
  expect(await facts.create("a/b", new Uint8Array())).toBe(false);
  expect(facts.usage).toMatchObject({ create: 2, lost: 1 });
  expect(facts.lastFact).toBe(0);
});

test("an error that waiting can't mend is told at once, and leaves nothing unsettled", async () => {
  const store = new MemoryStore();
  const facts = factsOf(store, virtualRuntime());
  store.interference = {
    before: () => {
      throw new StoreError("full", "no space");
    },
  };
  await expect(facts.create("a/b", body)).rejects.toMatchObject({ code: "full" });
  await expect(facts.get("a/b")).rejects.toMatchObject({ code: "full" });
  expect(store.operations).toHaveLength(2);
  expect(facts.unsettled).toBe(0);
});

test("a store that stays away is given up after minutes, not tried for ever", async () => {
  const store = new MemoryStore();
  const runtime = virtualRuntime();
  store.interference = {
    before: () => {
      throw new StoreError("unavailable", "away");
    },
  };
  await expect(factsOf(store, runtime).get("a/b")).rejects.toThrow(/did not answer the read of a\/b/);
  expect(runtime.monotonic()).toBeGreaterThan(patience);
  expect(store.operations.length).toBeLessThan(300);
});

test("a listing that breaks off goes on behind the last key that it told", async () => {
  const store = new MemoryStore();
  store.page = 2;
  for (let n = 0; n < 5; n++) store.objects.set(`a/${n}`, body);
  let pages = 0;
  store.interference = {
    before: () => {
      if (++pages === 2) throw unanswered();
    },
  };
  const { entries } = await listAll(factsOf(store, virtualRuntime()), "a/");
  expect(entries.map(({ key }) => key)).toEqual(["a/0", "a/1", "a/2", "a/3", "a/4"]);
});

import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../test/memory-store.ts";
import { facts as factsOf } from "./facts.ts";
import { listChunks } from "./list-chunks.ts";
import type { ChunkStart } from "./list-chunks.ts";

function storeOf(page: number): MemoryStore {
  const store = new MemoryStore();
  store.page = page;
  for (let chunk = 0; chunk < 100; chunk++)
    for (let part = 0; part < 3; part++) store.objects.set(`part/${name(chunk)}/${part}`, new Uint8Array());
  return store;
}

const name = (chunk: number) => `0000000.${String(chunk).padStart(3, "0")}`;

async function told(store: MemoryStore, starts: readonly ChunkStart[]): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listChunks(factsOf(store, virtualRuntime()), "part/", starts)) keys.push(key);
  return keys;
}

test.each([1, 2, 3, 4, 7, 1000])("tells all of each chunk, each key once, from pages of %i", async (page) => {
  const chunks = [0, 1, 50, 51, 52, 99];
  const keys = await told(
    storeOf(page),
    chunks.map((chunk) => ({ name: name(chunk) })),
  );
  expect(new Set(keys).size).toBe(keys.length);
  for (const chunk of chunks) expect(keys.filter((key) => key.startsWith(`part/${name(chunk)}/`)).length).toBe(3);
});

test("lists a page for each group of chunks, and nothing between them", async () => {
  const store = storeOf(10);
  await told(
    store,
    [0, 1, 2, 50, 51, 99].map((chunk) => ({ name: name(chunk) })),
  );
  expect(store.operations.length).toBe(3);
});

test("asks no further where nothing follows", async () => {
  const store = storeOf(1000);
  await told(
    store,
    [99, 100, 101, 102].map((chunk) => ({ name: name(chunk) })),
  );
  expect(store.operations.length).toBe(1);
});

test("begins a chunk behind what is known of it", async () => {
  const keys = await told(storeOf(1000), [{ name: name(98), after: `part/${name(98)}/1` }]);
  expect(keys).toEqual([`part/${name(98)}/2`, ...[0, 1, 2].map((part) => `part/${name(99)}/${part}`)]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { StateStore } from "@skyburst/core";
import { s3 } from "../src/index.ts";
import { against, text } from "./server.ts";

await against("versitygw", (server) => {
  let store: StateStore;
  beforeAll(async () => {
    store = s3({ bucket: await server().bucket(), endpoint: server().endpoint });
    await store.now();
  });
  afterAll(() => store.close?.());

  /** What `act` is billed for. */
  async function billed(act: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = { ...store.requests };
    await act();
    const spent = Object.entries(store.requests ?? {}).map(([kind, n]) => [
      kind,
      n - (before[kind as keyof typeof before] ?? 0),
    ]);
    return Object.fromEntries(spent.filter(([, n]) => n !== 0)) as Record<string, number>;
  }

  test("every call costs what it must, and no more", async () => {
    expect(await billed(() => store.create("a/1", text("x")))).toEqual({ create: 1 });
    expect(await billed(() => store.create("a/1", text("y"), { exclusive: true }))).toEqual({ create: 1 });
    expect(await billed(() => store.create("a/1", text("y")))).toEqual({ create: 1, get: 1 });
    expect(await billed(() => store.get("a/1"))).toEqual({ get: 1 });
    expect(await billed(() => store.get("a/2"))).toEqual({ get: 1 });
    expect(await billed(() => store.put("a/2", text("y")))).toEqual({ put: 1 });
    expect(await billed(() => store.now())).toEqual({});
    expect(await billed(() => store.delete([]))).toEqual({});
    expect(await billed(() => store.create("a/big", new Uint8Array(17 * 2 ** 20)))).toEqual({ create: 5, get: 1 });
  });

  test("a listing costs one for each 1,000 objects, a delete one for each 1,000 keys", async () => {
    const keys = Array.from({ length: 2001 }, (_, n) => `many/${n}`);
    await Promise.all(keys.map((key) => store.create(key, text(""), { exclusive: true })));
    const seen: string[] = [];
    const listing = async () => {
      for await (const { entries } of store.list("many/")) seen.push(...entries.map(({ key }) => key));
    };
    expect(await billed(listing)).toEqual({ list: 3 });
    expect(seen).toHaveLength(2001);
    expect(await billed(() => store.delete(keys))).toEqual({ delete: 3 });
    expect(await billed(listing)).toEqual({ list: 1 });
  });
});

import assert from "node:assert/strict";
import { must } from "../expect.ts";
import type { StoreTest } from "./stage.ts";

export function pageTests(test: StoreTest): void {
  test("are one, empty and with the clock, when there is nothing", async ({ store }) => {
    await store.create("a/b", "x");
    const pages = [
      ...(await store.pages("nothing/")),
      ...(await store.pages("a/nothing/")),
      ...(await store.pages("a/", { after: "a/b" })),
    ];
    assert.deepEqual(
      pages.map(({ entries }) => entries),
      [[], [], []],
    );
    for (const { now } of pages) assert.ok(now > 0);
  });

  test("are of at most 1,000 objects", async ({ store, other }) => {
    await store.createAll(numbered(2001));
    for (const { entries } of await other.pages("many/")) assert.ok(entries.length <= 1000, `${entries.length}`);
  });

  test("leave out nothing and tell nothing twice", async ({ store, other }) => {
    const keys = numbered(2001);
    await store.createAll(keys);
    const found = await other.keys("many/");
    assert.deepEqual([...new Set(found)].sort(), keys);
    assert.equal(found.length, keys.length);
  });

  test("end where the objects end, also at a thousand", async ({ store, other }) => {
    const keys = numbered(1000);
    await store.createAll(keys);
    assert.deepEqual((await other.keys("many/")).sort(), keys);
    assert.deepEqual(await other.keys("many/", { after: must(keys.at(-1)) }), []);
  });

  test("go on when objects vanish between them", async ({ store, other }) => {
    const keys = numbered(1500);
    await store.createAll(keys);
    const found: string[] = [];
    for await (const { entries } of other.list("many/")) {
      found.push(...entries.map(({ key }) => key));
      if (found.length <= 1000) await store.delete(keys.slice(1200));
    }
    assert.deepEqual(found.filter((key) => key < must(keys[1200])).sort(), keys.slice(0, 1200));
  });

  test("need not be read to the end", async ({ store, other }) => {
    await store.createAll(numbered(1001));
    for await (const { entries } of other.list("many/")) {
      assert.ok(entries.length > 0);
      break;
    }
    assert.equal((await other.keys("many/")).length, 1001);
  });
}

/** Keys in order. */
function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `many/${at % 3}/${String(at).padStart(5, "0")}`).sort();
}

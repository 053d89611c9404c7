import assert from "node:assert/strict";
import { must, refused } from "../expect.ts";
import { CHARACTERS } from "./keys.ts";
import type { StoreTest } from "./stage.ts";

export function listTests(test: StoreTest): void {
  test("finds the objects below the prefix at any depth, and no others", async ({ store, other }) => {
    const inside = ["a/1", "a/b/2", "a/b/c/d/3", "a/z"];
    await store.createAll([...inside, "a-b/1", "a.b", "ab/1", "b/a/1"]);
    assert.deepEqual((await other.keys("a/")).sort(), inside);
    assert.deepEqual(await other.keys("a/b/c/"), ["a/b/c/d/3"]);
  });

  test("has in it what was created before, at once and for everybody", async ({ store, other }) => {
    for (let at = 0; at < 20; at += 1) {
      await store.create(`now/${at}`, "x");
      assert.equal((await other.keys("now/")).length, at + 1);
      assert.equal((await store.keys("now/")).length, at + 1);
    }
  });

  test("has no more in it what was deleted before", async ({ store, other }) => {
    await store.createAll(["gone/1", "gone/2"]);
    await other.keys("gone/");
    await store.delete(["gone/1"]);
    assert.deepEqual(await other.keys("gone/"), ["gone/2"]);
  });

  test("tells keys as they were written", async ({ store, other }) => {
    const keys = CHARACTERS.map((key) => `any/${key}`);
    await store.createAll(keys);
    assert.deepEqual(new Set(await other.keys("any/")), new Set(keys));
    assert.deepEqual(await other.keys("any/a b/"), ["any/a b/c%2Fd"]);
  });

  test("tells sizes in bytes", async ({ store, other }) => {
    for (const [key, body] of Object.entries({ five: "12345", none: "", two: "ä" }))
      await store.create(`a/${key}`, body);
    const sizes = new Map((await other.entries("a/")).map(({ key, size }) => [key, size]));
    assert.deepEqual([sizes.get("a/five"), sizes.get("a/none"), sizes.get("a/two")], [5, 0, 2]);
  });

  test("tells when objects were written, on the clock of its pages", async ({ store, other, facts }) => {
    const before = await store.raw.now();
    await store.create("a/1", "x");
    await store.put("a/2", "x");
    const page = must((await other.pages("a/"))[0]);
    for (const { modified } of page.entries) {
      assert.ok(modified >= before - facts.modifiedResolution, `${modified} is before ${before}`);
      assert.ok(modified <= page.now + facts.modifiedResolution, `${modified} is after ${page.now}`);
    }
  });

  test("refuses a prefix that does not end in a slash", async ({ store }) => {
    await store.create("a/1", "x");
    await refused(() => store.pages("a"), "invalid-key");
    await refused(() => store.pages("a/1"), "invalid-key");
  });
}

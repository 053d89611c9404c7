import assert from "node:assert/strict";
import type { StoreTest } from "./stage.ts";

export function deleteTests(test: StoreTest): void {
  test("takes objects away, for everybody, and leaves the rest", async ({ store, other }) => {
    await store.createAll(["a/1", "a/2", "a/10", "b/1"]);
    await other.delete(["a/1"]);
    assert.equal(await store.get("a/1"), undefined);
    assert.equal(await other.get("a/1"), undefined);
    for (const key of ["a/2", "a/10", "b/1"]) assert.equal(await store.read(key), key);
  });

  test("takes it for success that a key is not there", async ({ store, other }) => {
    await store.createAll(["a/1", "a/2"]);
    await other.delete(["nothing/at/all"]);
    await other.delete(["a/nothing", "a/1"]);
    await store.delete(["a/1"]);
    assert.equal(await store.get("a/1"), undefined);
    assert.equal(await store.read("a/2"), "a/2");
  });

  test("takes a key twice, and none", async ({ store }) => {
    await store.createAll(["a/1"]);
    await store.delete(["a/1", "a/1"]);
    await store.delete([]);
    assert.equal(await store.get("a/1"), undefined);
  });

  test("takes more keys than a page has", async ({ store }) => {
    const keys = Array.from({ length: 2100 }, (_, at) => `many/${at}`);
    await store.createAll(keys);
    await store.delete(keys);
    assert.deepEqual(await store.keys("many/"), []);
  });

  test("makes room for another object, also where a whole path was", async ({ store, other }) => {
    await store.create("a/b/c", "one");
    await other.delete(["a/b/c"]);
    assert.equal(await store.create("a/b/c", "two", { exclusive: true }), true);
    await other.delete(["a/b/c"]);
    assert.equal(await store.create("a", "three"), true);
    assert.equal(await other.read("a"), "three");
  });

  test("does not disturb who creates beside it", async ({ store, other }) => {
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all([
        store.create(`d/${round}/a`, "a"),
        other.delete([`d/${round}/x`, `d/${round}/y`]),
        store.create(`d/${round}/b`, "b"),
        other.delete([`d/${round}/x`]),
      ]);
      assert.deepEqual([answers[0], answers[2]], [true, true]);
      assert.deepEqual([await other.read(`d/${round}/a`), await other.read(`d/${round}/b`)], ["a", "b"]);
    }
  });
}

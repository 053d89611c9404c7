import assert from "node:assert/strict";
import { must } from "../expect.ts";
import type { StoreTest } from "./stage.ts";

export function getTests(test: StoreTest): void {
  test("is undefined for what is not there", async ({ store }) => {
    assert.equal(await store.get("nothing"), undefined);
    await store.create("a/b", "one");
    for (const key of ["a/c", "a", "b/b", "a/b/c", "a/b2"]) assert.equal(await store.get(key), undefined, key);
  });

  test("gives bytes that belong to the caller", async ({ store, other }) => {
    await store.create("a", "one");
    for (const place of [store, other]) {
      const bytes = must(await place.get("a"));
      assert.ok(bytes instanceof Uint8Array);
      bytes.fill(0);
      assert.equal(await place.read("a"), "one");
    }
  });

  test("gives two callers memory of their own", async ({ store }) => {
    await store.create("a", "one");
    const [first, second] = await Promise.all([store.get("a"), store.get("a")]);
    must(first).fill(0);
    assert.equal(new TextDecoder().decode(must(second)), "one");
  });

  test("answers in the memory that `into` gives, or in its own, with the object alone", async ({ store }) => {
    await store.create("a", "one");
    const memory = new Uint8Array(100).fill(0x78);
    const sizes: number[] = [];
    const into = (size: number) => {
      sizes.push(size);
      return memory;
    };
    const bytes = must(await store.get("a", { into }));
    assert.equal(new TextDecoder().decode(bytes), "one");
    for (const size of sizes) assert.equal(size, 3, "the size that `into` is called with");
    if (sizes.length > 0) assert.equal(bytes.buffer, memory.buffer, "the answer is a view of what `into` gave");
    assert.equal(await store.get("nothing", { into }), undefined);
  });
}

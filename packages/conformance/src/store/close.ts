import assert from "node:assert/strict";
import { must, refused } from "../expect.ts";
import type { StoreTest } from "./stage.ts";

export function closeTests(test: StoreTest): void {
  test("ends what this object does", async ({ store }) => {
    await store.create("a/1", "one");
    await must(store.raw.close, "close").call(store.raw);
    await refused(() => store.create("a/2", "two"), "closed");
    await refused(() => store.get("a/1"), "closed");
    await refused(() => store.put("a/1", "two"), "closed");
    await refused(() => store.delete(["a/1"]), "closed");
    await refused(() => store.pages("a/"), "closed");
    await refused(() => store.raw.now(), "closed");
  });

  test("may be called again", async ({ store }) => {
    await store.create("a/1", "one");
    await store.raw.close?.();
    await store.raw.close?.();
  });

  test("may be called before anything else", async ({ another }) => {
    await (await another()).raw.close?.();
  });

  test("leaves other objects on the same place alone", async ({ store, other }) => {
    await store.create("a/1", "one");
    await store.raw.close?.();
    assert.equal(await other.read("a/1"), "one");
    assert.equal(await other.create("a/2", "two"), true);
  });
}

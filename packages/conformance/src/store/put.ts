import assert from "node:assert/strict";
import { eventually, must } from "../expect.ts";
import type { Place } from "./place.ts";
import type { StoreTest } from "./stage.ts";

export function putTests(test: StoreTest): void {
  test("writes where nothing was", async ({ store, other }) => {
    await store.put("worker/1", "here");
    assert.equal(await other.read("worker/1"), "here");
    assert.deepEqual(await other.keys("worker/"), ["worker/1"]);
  });

  test("replaces what was there, whoever wrote it", async ({ store, other }) => {
    await store.put("worker/1", "a first, long one");
    await other.put("worker/1", "short");
    assert.equal(await store.read("worker/1"), "short");
    await store.create("a/1", "created");
    await other.put("a/1", "put");
    assert.equal(await store.read("a/1"), "put");
  });

  test("is a new writing: its time moves on", async ({ store, other, facts }) => {
    await store.put("worker/1", "one");
    const first = await modified(other);
    await eventually(
      async () => ((await other.raw.now()) > first + facts.modifiedResolution ? true : undefined),
      facts.modifiedResolution + 5000,
      "the store's clock goes on after a put",
    );
    await store.put("worker/1", "one");
    assert.ok((await modified(other)) > first, "the second put has the time of the first");
  });

  test("writes the bytes as they are at the call", async ({ store }) => {
    const whole = new TextEncoder().encode("abcdef");
    const written = store.put("a", whole.subarray(2, 4));
    whole.fill(0x78);
    await written;
    assert.equal(await store.read("a"), "cd");
  });
}

async function modified(place: Place): Promise<number> {
  return must((await place.entries("worker/"))[0]).modified;
}

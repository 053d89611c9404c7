import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { must } from "../expect.ts";
import type { Place } from "./place.ts";
import type { StoreTest } from "./stage.ts";

export function createTests(test: StoreTest): void {
  test("is true for a new key, and the bytes are there for everybody", async ({ store, other }) => {
    assert.equal(await store.create("a/b", "one"), true);
    assert.equal(await store.read("a/b"), "one");
    assert.equal(await other.read("a/b"), "one");
  });

  test("is true for the same bytes again, from anybody", async ({ store, other }) => {
    await store.create("a/b", "one");
    assert.equal(await store.create("a/b", "one"), true);
    assert.equal(await other.create("a/b", "one"), true);
    assert.equal(await other.create("a/b", "one", { exclusive: false }), true);
  });

  test("is false for other bytes", async ({ store, other }) => {
    for (const body of ["two", "on", "one ", "One", ""]) {
      for (const [at, place] of [store, other].entries()) {
        await store.create(`a/${body.length}${body}/${at}`, "one");
        assert.equal(await place.create(`a/${body.length}${body}/${at}`, body), false, JSON.stringify(body));
      }
    }
  });

  test("leaves what is there", async ({ store, other }) => {
    await store.create("a/b", "one");
    await other.create("a/b", "two");
    await other.create("a/b", "a longer one", { exclusive: true });
    assert.equal(await store.read("a/b"), "one");
    assert.equal(await other.read("a/b"), "one");
  });

  test("takes an empty body like any other", async ({ store, other }) => {
    assert.equal(await store.create("try/1", ""), true);
    assert.equal(must(await store.get("try/1")).length, 0);
    assert.equal(await other.create("try/1", ""), true);
    assert.equal(await other.create("try/1", "x"), false);
  });

  test("under `exclusive` is true for a new key and false for other bytes", async ({ store, other }) => {
    assert.equal(await store.create("a/b", "one", { exclusive: true }), true);
    assert.equal(await other.create("a/b", "two", { exclusive: true }), false);
    assert.equal(await other.create("a/c", "two", { exclusive: true }), true);
  });

  test("keeps every byte, of small and of large bodies", async ({ store, other, facts }) => {
    const sizes = [1, 255, 4096, 65_537, 3_000_000, facts.largestBody].filter((size) => size <= facts.largestBody);
    for (const size of new Set(sizes)) {
      const body = patterned(size);
      assert.equal(await store.create(`size/${size}`, body), true);
      assert.equal(await other.create(`size/${size}`, body), true, `${size} bytes again`);
      assert.ok(
        Buffer.from(must(await other.get(`size/${size}`))).equals(body),
        `${size} bytes are not what was written`,
      );
      body[size - 1] = (must(body[size - 1]) + 1) % 256;
      assert.equal(await other.create(`size/${size}`, body), false, `${size} bytes, the last one another`);
    }
  });

  test("writes the part of a buffer that it is given, as it is at the call", async ({ store }) => {
    const whole = new TextEncoder().encode("abcdef");
    const created = store.create("a", whole.subarray(2, 4));
    whole.fill(0x78);
    await created;
    assert.equal(await store.read("a"), "cd");
  });

  test("of many at once with different bytes, exactly one is true, and its bytes are there", async (stage) => {
    const { store, other } = stage;
    for (let key = 0; key < 10; key += 1) {
      const bodies = Array.from({ length: 64 }, (_, at) => `body ${at}`);
      const answers = await Promise.all(
        bodies.map((body, at) => (at % 2 ? store : other).create(`race/${key}`, body, { exclusive: at % 3 === 0 })),
      );
      assert.equal(answers.filter(Boolean).length, 1, "winners");
      assert.equal(await store.read(`race/${key}`), `body ${answers.indexOf(true)}`);
    }
  });

  test("of many at once with the same bytes, each is true", async ({ store, other }) => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, at) => (at % 2 ? store : other).create("race/same", "same")),
    );
    assert.equal(answers.filter(Boolean).length, 64);
  });

  test("shows an object whole or not at all", async ({ store, other, facts }) => {
    const body = patterned(Math.min(1_000_000, facts.largestBody));
    for (let key = 0; key < 5; key += 1) {
      let done = false;
      const look = async () => {
        for (; !done; await setImmediate()) await seenWhole(other, `whole/${key}`, body.length);
      };
      const writing = store.create(`whole/${key}`, body).finally(() => (done = true));
      const [created] = await Promise.all([writing, look()]);
      assert.equal(created, true);
    }
  });

  test("outlives the object that wrote it", async ({ store, another }) => {
    await store.create("a/b", "one");
    await store.raw.close?.();
    assert.equal(await (await another()).read("a/b"), "one");
  });
}

async function seenWhole(place: Place, key: string, size: number): Promise<void> {
  const seen = await place.get(key);
  assert.ok(seen === undefined || seen.length === size, `${seen?.length} of ${size} bytes were seen`);
  for (const entry of await place.entries("whole/")) assert.equal(entry.size, size, `the listed size of ${entry.key}`);
}

/** Bytes of all values, without a short period. */
function patterned(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) bytes[at] = at * 31 + (at >> 8) + (at >> 16);
  return bytes;
}

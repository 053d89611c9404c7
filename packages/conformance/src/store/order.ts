import assert from "node:assert/strict";
import { must } from "../expect.ts";
import type { StoreTest } from "./stage.ts";

export function orderTests(test: StoreTest): void {
  test("is that of the bytes of whole keys", async ({ store, other }) => {
    await store.createAll(TRICKY.toReversed());
    assert.deepEqual(await other.keys("o/"), TRICKY);
  });

  test("is kept by any keys", async ({ store, other }) => {
    const keys = manyKeys();
    await store.createAll(keys.toReversed());
    assert.deepEqual(await other.keys("p/"), keys.toSorted(bytewise));
  });

  test("`after` leaves out keys up to and including it", async ({ store, other }) => {
    await store.createAll(TRICKY);
    for (const [at, after] of TRICKY.entries()) {
      const expected = TRICKY.slice(at + 1);
      assert.deepEqual(new Set(await other.keys("o/", { after })), new Set(expected), `after ${after}`);
    }
  });

  test("`after` may be a key that is not there", async ({ store, other }) => {
    await store.createAll(TRICKY);
    for (const after of ["o/", "o/a", "o/a/", "o/a/a", "o/a/c", "o/a0/", "o/aé/x", "o/z"]) {
      const expected = TRICKY.filter((key) => bytewise(key, after) > 0);
      assert.deepEqual(new Set(await other.keys("o/", { after })), new Set(expected), `after ${after}`);
    }
  });

  test("`after` may lie outside of the prefix", async ({ store, other }) => {
    await store.createAll(["m/1", "n/1", "n/2", "o/1"]);
    for (const after of ["m/1", "m", "n", "a", "n-"]) {
      assert.deepEqual(await other.keys("n/", { after }), ["n/1", "n/2"], `after ${after}`);
    }
    for (const after of ["n/2", "n0", "o/1", "o", "z/9"]) {
      assert.deepEqual(await other.keys("n/", { after }), [], `after ${after}`);
    }
  });

  test("goes on behind the last key of a page, by `after`", async ({ store, other }) => {
    const keys = manyKeys();
    await store.createAll(keys);
    const sorted = keys.toSorted(bytewise);
    const middle = Math.floor(sorted.length / 2);
    const after = must(sorted[middle]);
    assert.deepEqual(new Set(await other.keys("p/", { after })), new Set(sorted.slice(middle + 1)));
  });
}

/** Behind each other in bytes. By names, `a` would come first, and by UTF-16 the rocket before the ligature. */
const TRICKY = ["o/a b", "o/a-b", "o/a.b", "o/a/b", "o/a0", "o/aé", "o/a\ufb00", "o/a\u{1F680}", "o/b/a"];

/** Paths of one and two segments, made of characters around the slash and beyond U+D800. */
function manyKeys(): string[] {
  const characters = ["a", "-", "0", "~", "é", "\ufb00", "\u{1F680}"];
  const pairs = characters.flatMap((first) => characters.map((second) => first + second));
  const paths = ["a", "é", "\u{1F680}"].flatMap((first) => pairs.slice(0, 21).map((second) => `${first}/${second}`));
  return [...pairs, ...paths].map((path) => `p/${path}`);
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

import assert from "node:assert/strict";
import { refused } from "../expect.ts";
import type { KnownFacts } from "./facts.ts";
import type { StoreTest } from "./stage.ts";

export function keyTests(test: StoreTest, facts: KnownFacts): void {
  test("may be of up to 1,024 bytes, in segments of up to 255", async ({ store, other }) => {
    const longest = padded(1024 - store.root.length);
    for (const key of [longest, `one/${"s".repeat(255)}`, `two/${"ä".repeat(127)}`]) {
      assert.equal(await store.create(key, "long"), true, key);
      assert.equal(await other.read(key), "long", key);
      assert.equal(await other.get(key.slice(0, -1)), undefined, `${key}, less its last character`);
    }
  });

  test("may hold any characters", async ({ store, other }) => {
    for (const key of CHARACTERS) assert.equal(await store.create(key, key), true, key);
    for (const key of CHARACTERS) assert.equal(await other.read(key), key, key);
  });

  test("that differ in one character are different", async ({ store, other }) => {
    // The last two look the same: composed, and a letter with an accent after it.
    const near = ["near/A", "near/a", "near/a ", "near/%61", "near/+", "near/%20", "near/\u00e9", "near/e\u0301"];
    for (const key of near) assert.equal(await store.create(key, key), true, JSON.stringify(key));
    for (const key of near) assert.equal(await other.read(key), key, JSON.stringify(key));
  });

  for (const [name, key] of INVALID) {
    test(`that can't be are refused: ${name}`, async ({ store }) => {
      const { raw } = store;
      const body = new Uint8Array(1);
      await refused(() => raw.create(key, body), "invalid-key");
      await refused(() => raw.get(key), "invalid-key");
      await refused(() => raw.put(key, body), "invalid-key");
      await refused(() => raw.delete([`${store.root}fine`, key]), "invalid-key");
      await refused(() => raw.list(`${key}/`)[Symbol.asyncIterator]().next(), "invalid-key");
    });
  }

  if (facts.nesting === "refused") {
    test("below or above another key are refused", async ({ store, other }) => {
      await store.create("a/b", "one");
      for (const key of ["a", "a/b/c", "a/b/c/d"]) {
        await refused(() => store.create(key, "x"), "invalid-key");
        await refused(() => other.create(key, "x", { exclusive: true }), "invalid-key");
        await refused(() => other.put(key, "x"), "invalid-key");
        assert.equal(await store.get(key), undefined);
        await store.delete([key]);
        assert.deepEqual(await store.keys(`${key}/`), key === "a" ? ["a/b"] : []);
      }
      assert.equal(await store.read("a/b"), "one");
    });
  } else {
    test("below or above another key are taken, as is stated", async ({ store, other }) => {
      for (const key of ["a/b", "a", "a/b/c"]) assert.equal(await store.create(key, key), true, key);
      for (const key of ["a/b", "a", "a/b/c"]) assert.equal(await other.read(key), key);
    });
  }
}

/** What encodings of addresses, XML and file names are known to change. */
export const CHARACTERS: readonly string[] = [
  "a b/c%2Fd",
  "...",
  "..a/.b",
  "q?x=1&y#z",
  "A+B=C",
  "<k>&amp;'\"",
  "\u{1F680}/\uffee",
  "a\\b",
  "~!*();:@$,[]^`{|}",
];

const INVALID: readonly (readonly [name: string, key: string])[] = [
  ["empty", ""],
  ["a slash first", "/a"],
  ["a slash last", "a/"],
  ["an empty segment", "a//b"],
  ["a dot", "a/./b"],
  ["two dots", "../a"],
  ["two dots last", "a/.."],
  ["a segment of 256 bytes", `a/${"s".repeat(256)}`],
  ["a segment of 256 bytes in 128 characters", "ä".repeat(128)],
  ["1,025 bytes", `${"s".repeat(200)}/`.repeat(5) + "s".repeat(20)],
  ["half a surrogate pair", "a/\ud83d"],
];

/** A key of so many bytes. */
function padded(bytes: number): string {
  const segments = `${"s".repeat(255)}/`.repeat(Math.floor(bytes / 256));
  return segments + "t".repeat(bytes - segments.length);
}

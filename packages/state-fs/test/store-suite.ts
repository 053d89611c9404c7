import assert from "node:assert/strict";
import {
  StoreError,
  type Entry,
  type ListOptions,
  type Page,
  type StateStore,
  type StoreErrorCode,
} from "@skyburst/core";
import fc from "fast-check";

/** Where the tests are registered: `describe` and `test` of any runner. */
export interface Register {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: (name: string, body: () => Promise<void>) => void;
}

/** An empty place of its own for one test. */
export interface Place {
  /** Another object on this same place, as another process would have it. */
  readonly open: () => StateStore;
  readonly dispose: () => Promise<void>;
}

/** In what stores may differ. */
export interface StoreFacts {
  /** A key below another key: refused, or not noticed. */
  readonly nesting: "refused" | "unnoticed";
  /** What `modified` may be rounded down by, in milliseconds, the clock's own grain included. */
  readonly resolution: number;
}

/** The contract of `StateStore`, as tests. */
export function storeSuite({ describe, test }: Register, place: () => Promise<Place>, facts: StoreFacts): void {
  const on = (name: string, body: (store: StateStore, other: StateStore) => Promise<void>) =>
    test(name, async () => {
      const { open, dispose } = await place();
      const [store, other] = [open(), open()];
      try {
        await body(store, other);
      } finally {
        await store.close?.();
        await other.close?.();
        await dispose();
      }
    });

  describe("create", () => {
    on("is true for a new key, and true again for the same bytes, from anybody", async (store, other) => {
      assert.equal(await store.create("a/b", text("one")), true);
      assert.equal(await store.create("a/b", text("one")), true);
      assert.equal(await other.create("a/b", text("one")), true);
      assert.equal(read(await other.get("a/b")), "one");
    });

    on("is false for other bytes, which stay out", async (store, other) => {
      await store.create("a/b", text("one"));
      for (const body of ["two", "on", "one ", ""]) assert.equal(await other.create("a/b", text(body)), false);
      assert.equal(read(await store.get("a/b")), "one");
    });

    on("takes an empty body like any other", async (store, other) => {
      assert.equal(await store.create("try/1", text("")), true);
      assert.equal(await other.create("try/1", text("")), true);
      assert.equal(await other.create("try/1", text("x")), false);
      assert.equal((await store.get("try/1"))?.length, 0);
    });

    on("exclusive: true for a new key, never true over other bytes", async (store, other) => {
      assert.equal(await store.create("a/b", text("one"), { exclusive: true }), true);
      assert.equal(await other.create("a/b", text("two"), { exclusive: true }), false);
      assert.equal(read(await store.get("a/b")), "one");
    });

    on("keeps every byte, of small and of large bodies", async (store, other) => {
      for (const size of [1, 255, 4096, 65_537, 3_000_000]) {
        const body = Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) % 256);
        assert.equal(await store.create(`size/${size}`, body), true);
        assert.equal(await other.create(`size/${size}`, body), true);
        assert.deepEqual(new Uint8Array(must(await other.get(`size/${size}`))), body);
        body[size - 1] = (must(body[size - 1]) + 1) % 256;
        assert.equal(await other.create(`size/${size}`, body), false);
      }
    });

    on("writes the part of a buffer that it is given, as it is at the call", async (store) => {
      const whole = text("abcdef");
      const created = store.create("a", whole.subarray(2, 4));
      whole.fill(0x78);
      await created;
      assert.equal(read(await store.get("a")), "cd");
    });

    on("of many at once with different bytes, exactly one is true, and its bytes are there", async (store, other) => {
      for (let key = 0; key < 20; key += 1) {
        const bodies = Array.from({ length: 64 }, (_, at) => text(`body ${at}`));
        const answers = await Promise.all(
          bodies.map((body, at) => (at % 2 ? store : other).create(`race/${key}`, body, { exclusive: at % 3 === 0 })),
        );
        assert.equal(answers.filter(Boolean).length, 1);
        assert.equal(read(await store.get(`race/${key}`)), `body ${answers.indexOf(true)}`);
      }
    });

    on("of many at once with the same bytes, each is true", async (store, other) => {
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, at) => (at % 2 ? store : other).create("race/same", text("same"))),
      );
      assert.equal(answers.filter(Boolean).length, 64);
    });
  });

  describe("keys", () => {
    on("may be of up to 1,024 bytes, in segments of up to 255, of any characters", async (store, other) => {
      const segment = "s".repeat(255);
      const longest = `${segment}/${segment}/${segment}/${segment}`;
      const keys = [
        longest,
        "ä".repeat(127),
        "a b/c%2Fd",
        "...",
        "..a/.b",
        "q?x=1&y#z",
        "A+B=C",
        "\u{1F680}/\uffee",
        "a\\b",
      ];
      for (const key of keys) assert.equal(await store.create(key, text(key)), true, key);
      for (const key of keys) assert.equal(read(await other.get(key)), key);
    });

    for (const [name, key] of INVALID) {
      on(`that cannot be are refused everywhere: ${name}`, async (store) => {
        await refused(store.create(key, text("x")), "invalid-key");
        await refused(store.get(key), "invalid-key");
        await refused(store.put(key, text("x")), "invalid-key");
        await refused(store.delete(["fine", key]), "invalid-key");
        await refused(all(store, `${key}/`), "invalid-key");
      });
    }

    on("refuses a prefix without its slash", async (store) => {
      await refused(all(store, "a"), "invalid-key");
    });

    if (facts.nesting === "refused") {
      on("below or above another key are refused", async (store, other) => {
        await store.create("a/b", text("one"));
        for (const key of ["a", "a/b/c", "a/b/c/d"]) {
          await refused(store.create(key, text("x")), "invalid-key");
          await refused(other.create(key, text("x"), { exclusive: true }), "invalid-key");
          await refused(other.put(key, text("x")), "invalid-key");
          assert.equal(await store.get(key), undefined);
          await store.delete([key]);
          assert.deepEqual(await keys(store, `${key}/`), key === "a" ? ["a/b"] : []);
        }
        assert.equal(read(await store.get("a/b")), "one");
      });
    }
  });

  describe("get", () => {
    on("is undefined for what is not there", async (store) => {
      assert.equal(await store.get("nothing"), undefined);
      await store.create("a/b", text("one"));
      assert.equal(await store.get("a/c"), undefined);
      assert.equal(await store.get("a"), undefined);
      assert.equal(await store.get("b/b"), undefined);
    });

    on("gives bytes that belong to the caller alone", async (store) => {
      await store.create("a", text("one"));
      const bytes = must(await store.get("a"));
      assert.equal(bytes.constructor, Uint8Array);
      assert.equal(bytes.buffer.byteLength, bytes.length);
      bytes.fill(0);
      assert.equal(read(await store.get("a")), "one");
    });
  });

  describe("list", () => {
    on("yields one empty page with the clock when there is nothing", async (store) => {
      for (const prefix of ["nothing/", "a/nothing/"]) {
        const pages = await all(store, prefix);
        assert.deepEqual(
          pages.map((page) => page.entries),
          [[]],
        );
        assert.ok(must(pages[0]).now > 0);
      }
      await store.create("a/b", text("x"));
      assert.deepEqual(
        (await all(store, "a/", { after: "a/b" })).map((page) => page.entries),
        [[]],
      );
    });

    on(
      "finds objects below the prefix at any depth, and no others, at once and for everybody",
      async (store, other) => {
        const inside = ["a/1", "a/b/2", "a/b/c/d/3", "a/z"];
        for (const key of [...inside, "a-b/1", "a.b", "ab/1", "b/a/1", "A/1"]) await store.create(key, text(key));
        assert.deepEqual(await keys(other, "a/"), inside);
        assert.deepEqual(await keys(other, "a/b/c/"), ["a/b/c/d/3"]);
      },
    );

    on("puts a path between names by its slash, and characters by their bytes", async (store, other) => {
      // Behind each other in bytes; by names, "a" would come first, and by UTF-16 the rocket before the ligature.
      const ordered = ["o/a b", "o/a-b", "o/a.b", "o/a/b", "o/a0", "o/aé", "o/a\ufb00", "o/a\u{1F680}", "o/b/a"];
      for (const key of ordered.toReversed()) await store.create(key, text(key));
      assert.deepEqual(await keys(other, "o/"), ordered);
      for (const [at, after] of ordered.entries()) {
        assert.deepEqual(await keys(other, "o/", { after }), ordered.slice(at + 1));
      }
      assert.deepEqual(await keys(other, "o/", { after: "o/a/" }), ordered.slice(3));
      assert.deepEqual(await keys(other, "o/", { after: "o/a/c" }), ordered.slice(4));
    });

    on("tells sizes, and times on the clock that pages carry", async (store, other) => {
      const before = await store.now();
      await store.create("a/1", text("12345"));
      await store.create("a/2", text(""));
      const [page] = await all(other, "a/");
      const [first, second] = must(page).entries;
      assert.deepEqual([first?.size, second?.size], [5, 0]);
      for (const entry of must(page).entries) {
        assert.ok(entry.modified >= before - facts.resolution, `${entry.modified} is before ${before}`);
        assert.ok(entry.modified <= must(page).now + facts.resolution, `${entry.modified} is after ${must(page).now}`);
      }
    });

    on(
      "goes in UTF-8 byte order of the whole key, and `after` leaves out all up to and including it",
      async (store, other) => {
        let run = 0;
        await fc.assert(
          fc.asyncProperty(keySets, fc.array(anyAfter, { maxLength: 4 }), async (set, afters) => {
            const prefix = `p${run++}/`;
            const sorted = withoutNesting(set)
              .map((key) => prefix + key)
              .sort(bytewise);
            for (const key of sorted.toReversed()) await store.create(key, text(""));
            assert.deepEqual(await keys(other, prefix), sorted);
            for (const after of [...sorted, ...afters.map((tail) => prefix + tail), "", "p", `${prefix}/`, "q"]) {
              const behind = sorted.filter((key) => bytewise(key, after) > 0);
              assert.deepEqual(await keys(other, prefix, { after }), behind, `after ${JSON.stringify(after)}`);
            }
          }),
          { numRuns: 60 },
        );
      },
    );

    on("comes in pages of at most 1,000 that leave out nothing", async (store, other) => {
      const expected = Array.from({ length: 2_001 }, (_, at) => `many/${at % 3}/${String(at).padStart(5, "0")}`).sort();
      for (const key of expected) await store.create(key, text(""), { exclusive: true });
      const pages = await all(other, "many/");
      assert.ok(pages.every((page) => page.entries.length <= 1000 && page.entries.length > 0));
      assert.deepEqual(
        pages.flatMap((page) => page.entries.map((entry) => entry.key)),
        expected,
      );
      assert.deepEqual(await keys(other, "many/", { after: must(expected[999]) }), expected.slice(1000));
      assert.deepEqual(await keys(other, "many/", { after: must(expected[1999]) }), expected.slice(2000));
      assert.deepEqual(
        (await all(other, "many/2/")).map((page) => page.entries.length),
        [667],
      );
    });

    on("goes on when objects vanish between its pages", async (store, other) => {
      const made = Array.from({ length: 1_500 }, (_, at) => `many/${String(at).padStart(5, "0")}`);
      for (const key of made) await store.create(key, text(""), { exclusive: true });
      const seen: Entry[] = [];
      for await (const page of other.list("many/")) {
        seen.push(...page.entries);
        await store.delete(made.slice(1_200));
      }
      const found = seen.map((entry) => entry.key);
      assert.deepEqual(found.slice(0, 1_200), made.slice(0, 1_200));
    });
  });

  describe("put", () => {
    on("writes, and replaces what was there", async (store, other) => {
      await store.put("worker/1", text("a first, long one"));
      await other.put("worker/1", text("short"));
      assert.equal(read(await store.get("worker/1")), "short");
      assert.deepEqual(await keys(store, "worker/"), ["worker/1"]);
    });
  });

  describe("delete", () => {
    on("is idempotent, and leaves the rest", async (store, other) => {
      for (const key of ["a/1", "a/2", "b/1"]) await store.create(key, text(key));
      await other.delete(["a/1", "a/nothing", "nothing/at/all", "a/1"]);
      await store.delete(["a/1"]);
      await store.delete([]);
      assert.equal(await store.get("a/1"), undefined);
      assert.deepEqual(await keys(other, "a/"), ["a/2"]);
      assert.deepEqual(await keys(other, "b/"), ["b/1"]);
    });

    on("takes more keys than any page has", async (store) => {
      const made = Array.from({ length: 2_100 }, (_, at) => `many/${at}`);
      for (const key of made) await store.create(key, text(""), { exclusive: true });
      await store.delete(made);
      assert.deepEqual(await keys(store, "many/"), []);
    });

    on("makes room for a new object, also where a whole path was", async (store, other) => {
      await store.create("a/b/c", text("one"));
      await other.delete(["a/b/c"]);
      assert.equal(await store.create("a/b/c", text("two"), { exclusive: true }), true);
      await other.delete(["a/b/c"]);
      assert.equal(await store.create("a", text("three")), true);
    });

    on("does not disturb who creates beside it", async (store, other) => {
      for (let round = 0; round < 50; round += 1) {
        const answers = await Promise.all([
          store.create(`d/${round}/a`, text("a")),
          other.delete([`d/${round}/a`, `d/${round}/b`]),
          store.create(`d/${round}/b`, text("b")),
          other.delete([`d/${round}/a`]),
          store.create(`d/${round}/c`, text("c")),
        ]);
        assert.deepEqual([answers[0], answers[2], answers[4]], [true, true, true]);
        assert.equal(read(await other.get(`d/${round}/c`)), "c");
      }
    });
  });

  describe("the clock", () => {
    on("is the one that pages carry, and does not go back", async (store, other) => {
      let last = 0;
      for (let look = 0; look < 20; look += 1) {
        const now = look % 2 ? await store.now() : must((await all(other, "a/"))[0]).now;
        assert.ok(now >= last - facts.resolution, `${now} is before ${last}`);
        last = now;
      }
      assert.ok(last > Date.UTC(2020), "milliseconds since the epoch");
    });
  });

  describe("a signal", () => {
    on("that is aborted before a call stops it, and nothing happens", async (store) => {
      await store.create("a/1", text("one"));
      const signal = AbortSignal.abort(new Error("enough"));
      await refused(store.create("a/2", text("two"), { signal }), "closed");
      await refused(store.get("a/1", { signal }), "closed");
      await refused(store.put("a/1", text("three"), { signal }), "closed");
      await refused(store.delete(["a/1"], { signal }), "closed");
      await refused(all(store, "a/", { signal }), "closed");
      assert.equal(read(await store.get("a/1")), "one");
      assert.deepEqual(await keys(store, "a/"), ["a/1"]);
    });

    on("that is aborted between pages ends the listing", async (store) => {
      for (let at = 0; at < 1_001; at += 1) await store.create(`many/${at}`, text(""), { exclusive: true });
      const stop = new AbortController();
      const seen: number[] = [];
      const listed = (async () => {
        for await (const page of store.list("many/", { signal: stop.signal })) {
          seen.push(page.entries.length);
          stop.abort();
        }
      })();
      await refused(listed, "closed");
      assert.deepEqual(seen, [1000]);
    });
  });

  describe("close", () => {
    on("ends this object only, and may be called again", async (store, other) => {
      await store.create("a/1", text("one"));
      await store.close?.();
      await store.close?.();
      await refused(store.create("a/2", text("two")), "closed");
      await refused(store.get("a/1"), "closed");
      await refused(store.put("a/1", text("two")), "closed");
      await refused(store.delete(["a/1"]), "closed");
      await refused(all(store, "a/"), "closed");
      await refused(store.now(), "closed");
      assert.equal(read(await other.get("a/1")), "one");
    });
  });

  describe("what it tells of itself", () => {
    on("is JSON and a rhythm that can be kept", async (store) => {
      assert.deepEqual(JSON.parse(JSON.stringify(store.reference)), store.reference);
      assert.ok(store.pace.ttl >= 1000);
      assert.ok(store.pace.commitInterval > 0 && store.pace.commitInterval < store.pace.ttl);
      assert.ok(store.pace.poll[0] > 0 && store.pace.poll[0] <= store.pace.poll[1]);
      assert.ok(Number.isInteger(store.pace.chunksPerSlot) && store.pace.chunksPerSlot > 0);
    });
  });
}

const INVALID: readonly (readonly [name: string, key: string])[] = [
  ["empty", ""],
  ["a slash first", "/a"],
  ["an empty segment", "a//b"],
  ["a dot", "a/./b"],
  ["two dots", "../a"],
  ["two dots last", "a/.."],
  ["a segment of 256 bytes", `a/${"s".repeat(256)}`],
  ["a segment of 256 bytes in 128 characters", "ä".repeat(128)],
  ["1,025 bytes", `${"s".repeat(200)}/`.repeat(5) + "s".repeat(20)],
  ["half a surrogate pair", "a/\ud83d"],
];

async function refused(call: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

async function all(store: StateStore, prefix: string, options?: ListOptions): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of store.list(prefix, options)) pages.push(page);
  return pages;
}

async function keys(store: StateStore, prefix: string, options?: ListOptions): Promise<string[]> {
  return (await all(store, prefix, options)).flatMap((page) => page.entries.map((entry) => entry.key));
}

/** Characters whose order differs between bytes, UTF-16 and a directory's names: those around "/", and beyond U+D800. */
const segments = fc
  .array(fc.constantFrom("a", "b", "-", ".", "0", "~", " ", "é", "\ufb00", "\u{1F680}"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(""))
  .filter((segment) => segment !== "." && segment !== "..");
const paths = fc.array(segments, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const keySets = fc.uniqueArray(paths, { maxLength: 24 });
const anyAfter = fc.oneof(
  paths,
  paths.map((path) => `${path}/`),
  fc.constant(""),
);

function withoutNesting(set: readonly string[]): string[] {
  return set.filter((key) => !set.some((other) => other.startsWith(`${key}/`)));
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

function read(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

function must<T>(value: T | undefined): T {
  assert.notEqual(value, undefined);
  return value as T;
}

import type * as filesystem from "node:fs";
import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { directory } from "../src/index.ts";
import { emptyDirectory } from "./place.ts";

// What happens between two calls of the file system, and errors that no healthy disk gives, cannot be had from outside.
const between = vi.hoisted(() => {
  const link: ((from: string, to: string) => void)[] = [];
  const sync: (() => void)[] = [];
  return { link, sync, syncs: 0 };
});
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof filesystem>();
  return {
    ...fs,
    linkSync: (from: string, to: string) => {
      between.link.shift()?.(from, to);
      fs.linkSync(from, to);
    },
    fsyncSync: (file: number) => {
      between.syncs += 1;
      between.sync.shift()?.();
      fs.fsyncSync(file);
    },
  };
});
beforeEach(() => {
  between.link = [];
  between.sync = [];
  between.syncs = 0;
});

describe("between the look for an object and its creation", () => {
  test("somebody creates other bytes: false", async () => {
    const { path, store } = fresh();
    between.link = [(_, to) => writeFileSync(to, "theirs")];
    expect(await store.create("a/1", text("mine"))).toBe(false);
    expect(readFileSync(join(path, "a/1"), "utf8")).toBe("theirs");
    expect(readdirSync(join(path, ".tmp"))).toEqual([]);
  });

  test("somebody creates the same bytes, or our own answer was lost on the way: true, also if exclusive", async () => {
    const { store } = fresh();
    for (const exclusive of [true, false]) {
      between.link = [(from, to) => writeFileSync(to, readFileSync(from))];
      expect(await store.create(`a/${exclusive}`, text("same"), { exclusive })).toBe(true);
    }
  });

  test("somebody creates and deletes it: true, with our bytes", async () => {
    const { path, store } = fresh();
    between.link = [failing("EEXIST")];
    expect(await store.create("a/1", text("mine"))).toBe(true);
    expect(readFileSync(join(path, "a/1"), "utf8")).toBe("mine");
  });

  test("the directory is pruned: it is made again", async () => {
    const { path, store } = fresh();
    between.link = [() => rmdirSync(join(path, "a"))];
    expect(await store.create("a/1", text("mine"))).toBe(true);
    expect(readFileSync(join(path, "a/1"), "utf8")).toBe("mine");
  });

  test("the half-written file is swept, as after a long freeze: it is written again", async () => {
    const { path, store } = fresh();
    between.link = [(from) => rmSync(from)];
    expect(await store.create("a/1", text("mine"))).toBe(true);
    expect(readFileSync(join(path, "a/1"), "utf8")).toBe("mine");
  });

  test("the directory becomes an object: the key cannot be", async () => {
    const { path, store } = fresh();
    await store.create("a/0", text("x"));
    between.link = [
      () => {
        rmSync(join(path, "a"), { recursive: true });
        writeFileSync(join(path, "a"), "x");
      },
    ];
    await expect(store.create("a/1", text("mine"))).rejects.toMatchObject({ code: "invalid-key" });
  });

  test("the server of a network file system is lost: unknown until it is asked again", async () => {
    const { store } = fresh();
    between.link = [failing("EIO")];
    await expect(store.create("a/1", text("mine"))).rejects.toMatchObject({ code: "unknown", retryable: true });
    expect(await store.create("a/1", text("mine"))).toBe(true);
  });

  test("the file system turns out to have no links: unfit, and nothing is kept", async () => {
    const { path, store } = fresh();
    for (const code of ["EPERM", "ENOTSUP", "ENOSYS"]) {
      between.link = [failing(code)];
      await expect(store.create("a/1", text("mine"))).rejects.toMatchObject({ code: "unfit", retryable: false });
      expect(await store.get("a/1")).toBeUndefined();
      expect(readdirSync(join(path, ".tmp"))).toEqual([]);
    }
  });
});

describe("durable: power", () => {
  test("flushes the file, its directory and each directory above, and the known ones no more", async () => {
    const path = join(emptyDirectory(), "new", "store");
    const store = directory(path, { durable: "power" });
    await store.create("s/x/a", text("one"));
    // The file and s/x; once per process: s, the root, "new", and where that was made.
    expect(between.syncs).toBe(6);
    await store.create("s/x/b", text("two"));
    expect(between.syncs).toBe(8);
  });

  test("flushes what another process wrote before it says that it is there", async () => {
    const path = emptyDirectory();
    await directory(path).create("a/1", text("one"));
    expect(between.syncs).toBe(0);
    expect(await directory(path, { durable: "power" }).create("a/1", text("one"))).toBe(true);
    // The file, a, the root, and where that is.
    expect(between.syncs).toBe(4);
  });

  test("a flush that fails before the object is visible: it never is", async () => {
    const path = emptyDirectory();
    const store = directory(path, { durable: "power" });
    await store.create("a/0", text("zero"));
    between.sync = [failing("EIO")];
    await expect(store.create("a/1", text("one"))).rejects.toMatchObject({ code: "unavailable", retryable: false });
    expect(await store.get("a/1")).toBeUndefined();
    expect(readdirSync(join(path, ".tmp"))).toEqual([]);
  });

  test("a flush that fails after: unknown, settled by the same create", async () => {
    const store = directory(emptyDirectory(), { durable: "power" });
    await store.create("a/0", text("zero"));
    between.sync = [() => undefined, failing("EIO")];
    await expect(store.create("a/1", text("one"))).rejects.toMatchObject({ code: "unknown", retryable: true });
    between.sync = [failing("EIO")];
    await expect(store.create("a/1", text("one"))).rejects.toMatchObject({ code: "unknown", retryable: true });
    expect(await store.create("a/1", text("one"))).toBe(true);
  });
});

function failing(code: string): () => void {
  return () => {
    throw Object.assign(new Error(`${code}: made for this test`), { code, errno: -1 });
  };
}

function fresh() {
  const path = emptyDirectory();
  return { path, store: directory(path) };
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

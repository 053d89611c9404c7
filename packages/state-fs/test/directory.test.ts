import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { type JsonObject, type StateStore, StoreError } from "@skyburst/core";
import { describe, expect, test } from "vitest";
import type * as source from "../src/index.ts";
import { directory, DirectoryStoreError, open } from "../src/index.ts";
import { emptyDirectory } from "./place.ts";

const built: typeof source = await import(new URL("../dist/index.js", import.meta.url).href);

describe("the directory", () => {
  test("is made on first use, with its parents, and kept out of git", async () => {
    const path = join(emptyDirectory(), "a", "b", ".skyburst");
    const store = directory(path);
    expect(await store.get("s/1")).toBeUndefined();
    expect(existsSync(path)).toBe(false);
    await store.create("s/1", text("one"));
    expect(readFileSync(join(path, ".gitignore"), "utf8")).toBe("*\n");
  });

  test("gets nothing but the objects when it was there before", async () => {
    const path = emptyDirectory();
    await directory(path).create("s/1", text("one"));
    expect(readdirSync(path).sort()).toEqual([".tmp", "s"]);
  });

  test("holds one file per object, under its key, and nothing beside it", async () => {
    const path = emptyDirectory();
    const store = directory(path);
    await store.create("s/x/manifest/00000000", text("one"));
    await store.create("s/x/manifest/00000000", text("two"));
    await store.put("s/x/worker/1", text("three"));
    await store.now();
    expect(readFileSync(join(path, "s/x/manifest/00000000"), "utf8")).toBe("one");
    expect(readdirSync(path, { encoding: "utf8", recursive: true }).sort()).toEqual(
      [".tmp", "s", "s/x", "s/x/manifest", "s/x/manifest/00000000", "s/x/worker", "s/x/worker/1"].sort(),
    );
  });

  test("loses the directories that a delete leaves empty, and never itself", async () => {
    const path = emptyDirectory();
    const store = directory(path);
    for (const key of ["s/x/a/1", "s/x/a/2", "s/y/1"]) await store.create(key, text(key));
    await store.delete(["s/x/a/1", "s/x/a/2"]);
    expect(readdirSync(join(path, "s"))).toEqual(["y"]);
    await store.delete(["s/y/1"]);
    expect(readdirSync(path)).toEqual([".tmp"]);
  });

  test.skipIf(process.getuid?.() !== 0)("stays its owner's when root works in there", async () => {
    const home = emptyDirectory();
    chownSync(home, 65_534, 65_533);
    const path = join(home, ".skyburst");
    await directory(path).create("s/x/a/1", text("one"));
    for (const name of ["", ".tmp", "s", "s/x", "s/x/a"])
      expect(statSync(join(path, name))).toMatchObject({ uid: 65_534, gid: 65_533 });
    const own = join(emptyDirectory(), ".skyburst");
    await directory(own).create("s/1", text("one"));
    expect(statSync(join(own, "s"))).toMatchObject({ uid: 0 });
  });

  test("keeps its own names from being keys", async () => {
    const store = directory(emptyDirectory());
    for (const key of [".tmp", ".tmp/1", ".gitignore"]) {
      await expect(store.create(key, text("x"))).rejects.toMatchObject({ code: "invalid-key" });
    }
    await expect(keys(store, ".tmp/")).rejects.toMatchObject({ code: "invalid-key" });
    expect(await store.create("s/.tmp/1", text("x"))).toBe(true);
    expect(await store.create(".tmpx/1", text("x"))).toBe(true);
  });

  test("refuses a key with a zero byte", async () => {
    await expect(directory(emptyDirectory()).create("a\0b", text("x"))).rejects.toMatchObject({ code: "invalid-key" });
  });

  test("is swept of what dead processes left long ago, and of nothing else", async () => {
    const path = emptyDirectory();
    mkdirSync(join(path, ".tmp"));
    for (const name of ["old", "young"]) writeFileSync(join(path, ".tmp", name), "half");
    const hoursAgo = statSync(join(path, ".tmp")).mtimeMs / 1000 - 2 * 3600;
    utimesSync(join(path, ".tmp", "old"), hoursAgo, hoursAgo);
    await directory(path).create("s/1", text("one"));
    expect(readdirSync(join(path, ".tmp"))).toEqual(["young"]);
  });
});

describe("the clock", () => {
  test("is that of the file system, which stamps the objects", async () => {
    const path = emptyDirectory();
    const store = directory(path);
    for (let look = 0; look < 20; look += 1) {
      const before = await store.now();
      await store.put("hint", text("x"));
      const after = await store.now();
      const written = Math.floor(statSync(join(path, "hint")).mtimeMs);
      expect(written).toBeGreaterThanOrEqual(before);
      expect(written).toBeLessThanOrEqual(after);
    }
  });
});

describe("the reference", () => {
  test("opens the same store again, from any working directory, also by the built package", async () => {
    const path = emptyDirectory();
    const store = directory(path, { durable: "power" });
    await store.create("s/1", text("one"));
    const options = { path, durable: "power" };
    expect(store.reference).toEqual({ module: "@skyburst/state-fs", options, directory: path });
    for (const again of [open(store.reference.options), built.open(store.reference.options)]) {
      expect(new TextDecoder().decode(await again.get("s/1"))).toBe("one");
      expect(again.reference).toEqual(store.reference);
    }
  });

  test("holds an absolute path, `.skyburst` in the working directory by default", () => {
    expect(directory().reference.options).toEqual({ path: resolve(".skyburst"), durable: "process" });
    expect(directory("x/../y/").reference.options["path"]).toBe(resolve("y"));
  });

  test("names a program that lies beside the built package", () => {
    const store = built.open({ path: resolve(".skyburst") });
    expect(store.program?.href).toBe(new URL("../dist/program.mjs", import.meta.url).href);
    expect(existsSync(store.program ?? "")).toBe(true);
  });

  test.each<[string, JsonObject]>([
    ["path", {}],
    ["path", { path: "relative" }],
    ["path", { path: 7 }],
    ["durable", { path: "/x", durable: "always" }],
    ["colour", { path: "/x", colour: "red" }],
  ])("is refused by the name of what is wrong: %s in %j", (name, options) => {
    expect(() => open(options)).toThrow(
      expect.objectContaining({ code: "option", message: expect.stringContaining(name) }),
    );
  });
});

test("options that cannot be are refused at once", () => {
  expect(() => directory("")).toThrow(expect.objectContaining({ code: "option" }));
  expect(() => directory("a\0b")).toThrow(expect.objectContaining({ code: "option" }));
  expect(() => directory("x", JSON.parse('{"durable":"never"}'))).toThrow('"process" or "power"');
  expect(() => directory("x", JSON.parse('{"durabel":"power"}'))).toThrow("no option `durabel`");
});

test("errors are those of core, with a name of their own", () => {
  for (const error of [new DirectoryStoreError("full", "m"), new built.DirectoryStoreError("full", "m")]) {
    expect(error).toBeInstanceOf(StoreError);
    expect(error.name).toBe("DirectoryStoreError");
  }
});

async function keys(store: StateStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of store.list(prefix)) found.push(...page.entries.map((entry) => entry.key));
  return found;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

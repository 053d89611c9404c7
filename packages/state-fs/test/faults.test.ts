import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StateStore } from "@skyburst/core";
import { describe, expect, test } from "vitest";
import { directory, DirectoryStoreError } from "../src/index.ts";
import { afterwards, canMount, emptyDirectory, mounted, readOnly } from "./place.ts";

describe.skipIf(!canMount())("on file systems mounted for it (needs to be root, or sudo without a password)", () => {
  test("a full disk is `full`, shows nothing half-written, still reads, and goes on once there is space", async () => {
    const path = emptyDirectory();
    mounted(path, "1m");
    const store = directory(path);
    const created: string[] = [];
    const error = await untilFull(store, created);

    expect(error).toMatchObject({ code: "full", retryable: false });
    expect(error.message).toContain(path);
    expect(error.message).toContain("free some");
    expect(created.length).toBeGreaterThan(2);
    expect(readdirSync(`${path}/.tmp`)).toEqual([]);
    expect(await keys(store, "a/")).toEqual(created);
    // Someone who comes only now, too: looking and reading need no space.
    expect(await keys(directory(path), "a/")).toEqual(created);
    expect((await store.get("a/0"))?.length).toBe(BODY.length);
    await expect(store.put("hint/1", BODY)).rejects.toMatchObject({ code: "full" });
    expect(await store.get("hint/1")).toBeUndefined();

    await store.delete(["a/0"]);
    expect(await store.create("a/after", BODY)).toBe(true);
    expect(await keys(store, "a/")).toEqual([...created.slice(1), "a/after"]);
  });

  test("a read-only disk is `permission`, and says that it is read-only", async () => {
    const path = emptyDirectory();
    mounted(path, "1m");
    const store = directory(join(path, "store"));
    await store.create("a/1", text("one"));
    await store.close?.();
    readOnly(path);

    const later = directory(join(path, "store"));
    for (const call of [later.create("a/2", text("x")), later.put("a/2", text("x")), later.delete(["a/1"])]) {
      await expect(call).rejects.toMatchObject({ code: "permission", message: expect.stringContaining("read-only") });
    }
    await expect(directory(join(path, "new")).create("a", text("x"))).rejects.toMatchObject({ code: "permission" });
    expect(new TextDecoder().decode(await later.get("a/1"))).toBe("one");
  });

  test("a directory in which links cannot reach every place is `unfit`", async () => {
    const path = emptyDirectory();
    const store = directory(path);
    await store.create("a/1", text("one"));
    mkdirSync(join(path, "other"));
    mounted(join(path, "other"), "1m");

    await expect(store.create("other/1", text("one"))).rejects.toMatchObject({ code: "unfit", retryable: false });
    expect(readdirSync(join(path, "other"))).toEqual([]);
    expect(readdirSync(join(path, ".tmp"))).toEqual([]);
  });
});

test("a directory of another user is `permission`, also for reading", async () => {
  const path = emptyDirectory();
  const store = directory(join(path, "store"));
  await store.create("a/1", text("one"));
  chmodSync(path, 0o555);
  chmodSync(join(path, "store"), 0o555);
  chmodSync(join(path, "store", ".tmp"), 0o555);
  afterwards(() => [path, join(path, "store"), join(path, "store", ".tmp")].forEach((it) => chmodSync(it, 0o755)));
  await asNobody(() => expect(directory(join(path, "store")).create("b/1", text("x"))).rejects.toThrow(PERMISSION));
  await asNobody(() => expect(directory(join(path, "new")).create("b/1", text("x"))).rejects.toThrow(PERMISSION));

  chmodSync(join(path, "store", "a"), 0o000);
  afterwards(() => chmodSync(join(path, "store", "a"), 0o755));
  await asNobody(() => expect(store.get("a/1")).rejects.toMatchObject({ code: "permission" }));
  await asNobody(() => expect(store.get("a/nothing")).rejects.toMatchObject({ code: "permission" }));
  await asNobody(() => expect(keys(store, "a/")).rejects.toMatchObject({ code: "permission" }));
});

test("a path that is a file, or leads through one, is `not-found`, and named", async () => {
  const file = join(emptyDirectory(), "file");
  writeFileSync(file, "mine");
  for (const path of [file, join(file, "below")]) {
    const store = directory(path);
    const calls = [
      () => store.create("a/1", text("x")),
      () => store.put("a/1", text("x")),
      () => store.get("a/1"),
      () => keys(store, "a/"),
      () => store.now(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: "not-found", message: expect.stringContaining(path) });
    }
  }
});

test("no file descriptor left is `unavailable`, and worth another try", () => {
  const script = fileURLToPath(new URL("fixtures/out-of-files.mjs", import.meta.url));
  const out = execFileSync("sh", ["-c", 'ulimit -n 64 && exec "$@"', "sh", process.execPath, script, emptyDirectory()]);
  expect(JSON.parse(String(out))).toEqual({ exhausted: "EMFILE", code: "unavailable", retryable: true, created: true });
});

test("a store whose directory is removed under it begins anew", async () => {
  const path = join(emptyDirectory(), "deep", "store");
  const store = directory(path);
  await store.create("s/1/a", text("one"));
  await store.now();
  rmSync(join(path, ".."), { recursive: true });

  expect(await store.get("s/1/a")).toBeUndefined();
  expect(await keys(store, "s/")).toEqual([]);
  expect(await store.create("s/1/a", text("two"))).toBe(true);
  rmSync(join(path, ".."), { recursive: true });
  await store.put("s/1/hint", text("three"));
  expect(await keys(store, "s/")).toEqual(["s/1/hint"]);
});

test("a store whose directory is elsewhere for a while writes nothing in its place, and takes nothing for an answer", async () => {
  const path = join(emptyDirectory(), "store");
  const store = directory(path);
  const elsewhere = `${path}-elsewhere`;
  const away = { code: "unavailable", retryable: true, message: expect.stringContaining(path) };
  await store.create("s/1/a", text("one"));
  renameSync(path, elsewhere);
  for (const inPlace of [false, true]) {
    if (inPlace) mkdirSync(path);
    await expect(store.get("s/1/a")).rejects.toMatchObject(away);
    await expect(keys(store, "s/")).rejects.toMatchObject(away);
    await expect(store.create("s/1/b", text("two"))).rejects.toMatchObject(away);
    await expect(store.put("s/1/c", text("three"))).rejects.toMatchObject(away);
    await expect(store.delete(["s/1/a"])).rejects.toMatchObject(away);
  }
  expect(readdirSync(path)).toEqual([]);
  rmdirSync(path);
  await expect(store.create("s/2/b", text("two"))).rejects.toMatchObject(away);
  expect(existsSync(path)).toBe(false);
  renameSync(elsewhere, path);
  expect(await store.create("s/1/b", text("two"))).toBe(true);
  expect(await keys(store, "s/")).toEqual(["s/1/a", "s/1/b"]);
  await store.close?.();
});

const PERMISSION = expect.objectContaining({
  code: "permission",
  message: expect.stringContaining("write permission"),
});
const BODY = new Uint8Array(200_000).fill(1);

async function untilFull(store: StateStore, created: string[]): Promise<DirectoryStoreError> {
  for (let at = 0; at < 10; at += 1) {
    try {
      expect(await store.create(`a/${at}`, BODY)).toBe(true);
      created.push(`a/${at}`);
    } catch (error) {
      if (error instanceof DirectoryStoreError) return error;
      throw error;
    }
  }
  throw new Error("the disk never became full");
}

/** Permission bits do not bind root, so that root has to be somebody else for a moment. */
async function asNobody(step: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return step();
  process.seteuid?.(65_534);
  try {
    await step();
  } finally {
    process.seteuid?.(0);
  }
}

async function keys(store: StateStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of store.list(prefix)) found.push(...page.entries.map((entry) => entry.key));
  return found;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

test.skipIf(process.platform !== "linux")("a place that takes no directories is said to, at once", async () => {
  const error = await directory("/proc/skyburst/store")
    .create("a/1", text("one"))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toMatchObject({ code: "not-found", retryable: false });
  expect(String(error)).toContain("/proc takes no directories");
});

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, expect, test } from "vitest";
import {
  allEnded,
  collectAll,
  eventually,
  filesIn,
  openOn,
  openSession,
  temporaryDirectory,
} from "./session-under-test.ts";
import { gated, large, square } from "./tasks.ts";

/** The process may write everywhere. */
const isRoot = process.getuid?.() === 0;

let mounted: string | undefined;

afterEach(() => {
  if (mounted) execFileSync("umount", ["-l", mounted]);
  mounted = undefined;
});

/** A file system of so many kilobytes; undefined where none can be mounted. */
function smallDisk(kilobytes: number): string | undefined {
  const path = join(temporaryDirectory(), "disk");
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  mounted = path;
  return path;
}

function openAt(path: string) {
  return open({ backend: local(), store: directory(path), workers: 1, spec: { slots: 1 }, linger: 100 });
}

test("a store that is a file is refused by its path, in one line", async () => {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, "");
  const failure = await openAt(path).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "DirectoryStoreError", retryable: false });
  expect(String(failure)).toContain(path);
  expect(String(failure)).not.toContain("\n");
});

test.skipIf(isRoot)("a store that can't be written is refused by its path, in one line", async () => {
  const path = temporaryDirectory();
  chmodSync(path, 0o500);
  const failure = await openAt(path).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "DirectoryStoreError", code: "permission", retryable: false });
  expect(String(failure)).toContain(path);
  expect(String(failure)).not.toContain("\n");
});

test("a store on a disk that is mounted read-only is refused in one line", async (context) => {
  const disk = smallDisk(1024);
  if (!disk) return context.skip("no file system can be mounted here");
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const failure = await openAt(join(disk, "store")).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "DirectoryStoreError", retryable: false });
  expect(String(failure)).not.toContain("\n");
});

test("a disk that fills up under the client ends the map with a clear error", async (context) => {
  const disk = smallDisk(1500);
  if (!disk) return context.skip("no file system can be mounted here");
  const backend = local();
  const session = await open({ backend, store: directory(disk), workers: 1, spec: { slots: 1 }, linger: 100 });
  const failure = await collectAll(
    session.map(
      square,
      Array.from({ length: 500_000 }, (_, n) => n),
    ),
  ).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "DirectoryStoreError", code: "full" });
  await session.close();
  await allEnded(backend, session.id);
});

test("a disk that fills up under the workers ends the map, and says what they died of", async (context) => {
  const disk = smallDisk(3000);
  if (!disk) return context.skip("no file system can be mounted here");
  const backend = local();
  const session = await open({ backend, store: directory(disk), workers: 1, spec: { slots: 1 }, linger: 100 });
  const failure = await collectAll(
    session.map(
      large,
      Array.from({ length: 100 }, () => 200_000),
    ),
  ).catch((error: unknown) => error);
  // What ended the map, and not that cancelling what was left of it failed for the same reason.
  expect(failure).toMatchObject({ name: "SkyburstError", code: "workers" });
  expect(String(failure)).toMatch(/No space is left/);
  expect(String(failure)).not.toContain("\n");
  await session.close().catch(() => undefined);
  await allEnded(backend, session.id);
});

test("a store that is removed while tasks run hangs nobody", async () => {
  const { session, backend, store, scratch } = await openSession();
  const collecting = collectAll(
    session.map(
      gated,
      Array.from({ length: 10 }, () => ({ scratch, n: 0 })),
      { grace: 100 },
    ),
  ).catch((error: unknown) => error);
  await eventually("Two running tasks", () => filesIn(scratch).length >= 2);
  rmSync(store, { recursive: true, force: true });
  writeFileSync(join(scratch, "gate-0"), "");
  await collecting;
  await expect(session.close()).resolves.toBeUndefined();
  await allEnded(backend, session.id);
});

test("outcomes that were removed from the store before they were read end the map with an error", async () => {
  const { session, backend, store } = await openSession({ linger: 0 });
  const failure = await (async () => {
    let count = 0;
    for await (const _ of session.map(
      square,
      Array.from({ length: 3000 }, (_, n) => n),
    )) {
      if (count++ > 0) continue;
      await eventually("All outcomes", async () => (await session.status()).succeeded === 3000);
      // Workers that leave write their last words meanwhile.
      await eventually("The store is removed", async () => {
        try {
          rmSync(store, { recursive: true, force: true });
          return true;
        } catch {
          return false;
        }
      });
    }
    return count;
  })().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(String(failure)).toContain("The store lost ");
  expect(String(failure)).not.toContain("\n");
  await session.close();
  await allEnded(backend, session.id);
});

test("two clients on one store don't know of each other", async () => {
  const store = temporaryDirectory();
  const [one, two] = [await openOn(store), await openOn(store)];
  const inputs = Array.from({ length: 2000 }, (_, n) => n);
  const [a, b] = await Promise.all([
    one.session.map(square, inputs).values(),
    two.session
      .map(
        square,
        inputs.map((n) => -n),
      )
      .values(),
  ]);
  expect(a).toEqual(b);
  expect(one.session.id).not.toBe(two.session.id);
  expect((await one.end()).size).toBe(2000);
  expect((await two.end()).size).toBe(2000);
});

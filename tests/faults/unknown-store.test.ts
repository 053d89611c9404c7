import { readdirSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import type { SkyburstErrorCode, StateStore } from "@skyburst/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "./session-under-test.ts";
import { open as flat } from "./stores/flat.ts";
import { square } from "./tasks.ts";

let cache: string;
beforeEach(() => {
  cache = temporaryDirectory();
  vi.stubEnv("XDG_CACHE_HOME", cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const session = (store: StateStore) => open({ backend: local(), store, workers: 2, spec: { slots: 1 } });

test("workers run on a store that brings no program: one is bundled, kept, and used again", async () => {
  const store = flat({ path: join(temporaryDirectory(), "objects") });
  await using first = await session(store);
  expect(await first.map(square, [1, 2, 3]).values()).toEqual([1, 4, 9]);
  const kept = () => readdirSync(join(cache, "skyburst", "worker")).sort();
  const made = kept();
  expect(made).toHaveLength(2);
  // Without a bundler, what was kept is all there is.
  vi.stubEnv("ESBUILD_BINARY_PATH", "/nowhere/esbuild");
  await using second = await session(store);
  expect(await second.map((n: number) => n + 1, [1, 2]).values()).toEqual([2, 3]);
  expect(kept()).toEqual(made);
});

test("a store that can't be bundled ends the map with one line", async () => {
  const store = flat({ path: join(temporaryDirectory(), "objects") });
  await using opened = await session({ ...store, reference: { module: "no-such-store", options: {} } });
  await expect(opened.map(square, [1]).values()).rejects.toMatchObject({
    code: "option" satisfies SkyburstErrorCode,
    message: expect.stringMatching(
      /^No worker can be made for the store: The package "no-such-store" can't be found from /,
    ),
  });
});

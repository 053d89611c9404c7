import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { storeSuite } from "@skyburst/conformance";
import Database from "libsql";
import { afterAll, describe, expect, test } from "vitest";
import { facts } from "../src/sqlite-store/check.ts";
import { open, sqlite } from "../src/sqlite-store/store.ts";
import { shownIn } from "./guide.ts";

const directory = mkdtempSync(join(tmpdir(), "skyburst-sqlite-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("the SQLite store keeps the contract", () => {
  storeSuite({ describe, test }, () => sqlite(join(directory, "objects.sqlite")), { ...facts, open });
});

test("the program runs a map on it: workers are other processes that open it, too", async () => {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const main = fileURLToPath(new URL("../src/sqlite-store/main.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [tsx, main], { cwd: directory });
  expect(stdout).toBe("Of the numbers up to 100,000, 77031 takes the most steps: 350.\n");
  const database = new Database(join(directory, "jobs.sqlite"));
  const written = database.prepare("SELECT count(*) AS count FROM objects WHERE key LIKE '%/born/%'").get();
  database.close();
  expect(written).toMatchObject({ count: 2 });
});

test.each([
  ["a path below no directory", "/no/such/place/a.sqlite", "not-found"],
  ["a file that is no database", fileURLToPath(import.meta.url), "not-found"],
])("%s is told in the words of the contract", async (_, path, code) => {
  await expect(sqlite(path).get("a/1")).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
});

test("the guide shows these files as they are", () => {
  const shown = shownIn("docs/guides/write-a-store.md");
  for (const name of ["store.ts", "key.ts", "errors.ts", "check.ts", "task.ts", "main.ts"])
    expect(shown.get(name)).toBe(readFileSync(new URL(`../src/sqlite-store/${name}`, import.meta.url), "utf8"));
});

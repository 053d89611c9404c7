import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { fixture, fixturePath, scratch } from "./run.ts";

test("a process that ends while it bundles leaves no file", async () => {
  const directory = await scratch();
  const env = { PATH: process.env.PATH, TMPDIR: directory };
  await promisify(execFile)(process.execPath, [fixturePath("ends-early.mjs"), fixture("simulate.ts")], { env });
  expect(await readdir(directory)).toEqual([]);
});

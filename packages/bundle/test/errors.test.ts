import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { BundleError, bundleModule } from "../src/index.ts";
import { readMessages } from "../src/esbuild/messages.ts";
import { fixture, fixturePath, project, rejection, scratch } from "./run.ts";

async function failure(url: string, exported = "task"): Promise<BundleError> {
  const error = await rejection(bundleModule({ url, export: exported }));
  expect(error).toBeInstanceOf(BundleError);
  return error as BundleError;
}

afterEach(() => vi.unstubAllEnvs());

describe("a module that can't be bundled", () => {
  test("a missing file, with the one that may be meant", async () => {
    const error = await failure(fixture("simulate.js"));
    expect(error).toMatchObject({ code: "no-module", retryable: false, cause: { code: "ENOENT" } });
    expect(error.message).toBe(`There is no file ${fixturePath("simulate.js")}. Did you mean simulate.ts?`);
    expect((await failure(fixture("simulat.ts"))).message).toContain("Did you mean simulate.ts?");
    expect((await failure(fixture("nothing/like/this.ts"))).message).not.toContain("mean");
  });

  test("a directory, another kind of URL, no URL", async () => {
    expect(await failure(fixture("sub"))).toMatchObject({
      code: "no-module",
      message: expect.stringContaining("not a file"),
    });
    expect(await failure("https://example.com/task.ts")).toMatchObject({
      code: "no-module",
      message: expect.stringContaining("file: URL"),
    });
    expect(await failure("./task.ts")).toMatchObject({
      code: "no-module",
      message: expect.stringContaining('"./task.ts"'),
    });
  });

  test("a missing export, with those that exist", async () => {
    const error = await failure(fixture("simulate.ts"), "simulat");
    expect(error).toMatchObject({ code: "no-export", names: ["default", "double", "fail", "simulate"] });
    expect(error.message).toMatch(
      /simulate\.ts has no export "simulat"\. Did you mean simulate\? It exports default, double, fail, simulate\.$/,
    );
  });

  test("a missing export of a CommonJS module, and a type that is no value", async () => {
    const url = await project({
      "old.cjs": "exports.a = 1;",
      "none.cjs": "0;",
      "types.ts": "export type Task = string; export const a = 1;",
    });
    expect(await failure(url("types.ts"), "Task")).toMatchObject({ code: "no-export", names: ["a"] });
    expect(await failure(url("none.cjs"), "a")).toMatchObject({ code: "no-export" });
  });

  test("a syntax error, at its line and column as editors count", async () => {
    const url = await project({ "package.json": "{}", "task.ts": "export const task = (x) => {\n  return x +;\n};\n" });
    const error = await failure(url("task.ts"));
    expect(error.code).toBe("syntax");
    expect(error.message).toBe(`${new URL(url("task.ts")).pathname}:2:13: Unexpected ";"`);
    expect((error.cause as Error).message).toContain("return x +;");
  });

  test("imports that lead nowhere, counted", async () => {
    const url = await project({
      "package.json": "{}",
      "task.ts": 'import "./gone.ts";\nimport "no-such-package";\nexport const task = 1;\n',
      "style.ts": 'import "./a.weird";\nexport const task = 1;\n',
      "a.weird": "",
      "names.ts": 'import { b } from "./other.ts";\nexport const task = () => b;\n',
      "other.js": "export const a = 1;\n",
      "names.js": 'import { b } from "./other.js";\nexport const task = () => b;\n',
      "other.ts": "export const a = 1;\n",
    });
    expect(await failure(url("task.ts"))).toMatchObject({
      code: "unresolved",
      message: expect.stringMatching(
        /task\.ts:1:8: Could not resolve "\.\/gone\.ts" \(and 1 more\): correct the path\.$/,
      ),
    });
    expect(await failure(url("style.ts"))).toMatchObject({
      code: "unresolved",
      message: expect.stringContaining("Only JavaScript"),
    });
    expect(await failure(url("names.js"))).toMatchObject({
      code: "unresolved",
      message: expect.stringContaining("names.js:1:10: No matching export"),
    });
  });

  test("esbuild that isn't there, or dies", async () => {
    vi.stubEnv("ESBUILD_BINARY_PATH", "/nowhere/esbuild");
    expect(await failure(fixture("simulate.ts"))).toMatchObject({ code: "no-bundler", cause: { code: "ENOENT" } });
    const dying = join(await scratch(), "esbuild");
    await writeFile(dying, "#!/bin/sh\necho out of luck >&2\nkill -9 $$\n");
    await chmod(dying, 0o755);
    vi.stubEnv("ESBUILD_BINARY_PATH", dying);
    expect(await failure(fixture("simulate.ts"))).toMatchObject({
      code: "no-bundler",
      message: expect.stringContaining("SIGKILL"),
      cause: { message: "out of luck\n" },
    });
  });
});

test("esbuild's report is read with warnings, notes and places", () => {
  const report = `✘ [ERROR] Could not resolve "x"

    src/a b.ts:2:14:
      2 │ import x from "x";
        ╵               ~~~

  You can mark the path "x" as external to exclude it from the bundle

▲ [WARNING] Odd [odd-thing]

    src/c.ts:1:0:
      1 │ odd

✘ [ERROR] Nowhere in particular

`;
  expect(readMessages(report)).toEqual([
    { kind: "error", text: 'Could not resolve "x"', location: { file: "src/a b.ts", line: 2, column: 15 } },
    { kind: "warning", text: "Odd", id: "odd-thing", location: { file: "src/c.ts", line: 1, column: 1 } },
    { kind: "error", text: "Nowhere in particular" },
  ]);
});

import { mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { externalsOf } from "../src/externals.ts";
import { externalRequire } from "../src/external.ts";
import { BundleError, bundleModule } from "../src/index.ts";
import { packageDirectory, packageName } from "../src/packages.ts";
import { fixture, project, run, scratch } from "./run.ts";

/** Of "123456789", the check value that every table of CRCs gives. */
const CHECK = 0xcbf43926;

const here = createRequire(import.meta.url);
const realPackage = dirname(here.resolve("@node-rs/crc32/package.json"));

/** A directory with nothing but packages under `node_modules`. */
async function installation(packages: Readonly<Record<string, string>>): Promise<string> {
  const directory = await scratch();
  for (const [name, target] of Object.entries(packages)) {
    await mkdir(dirname(join(directory, "node_modules", name)), { recursive: true });
    await symlink(target, join(directory, "node_modules", name));
  }
  return directory;
}

describe("a native package, @node-rs/crc32", () => {
  test("stays outside and is found by the worker's require, the user's own place, or both", async () => {
    const program = await bundleModule({ url: fixture("checksum.ts"), export: "checksum" });
    expect(program.externals).toEqual(["@node-rs/crc32"]);
    expect(await run(program.bytes, ["123456789"])).toEqual({ value: CHECK });
    expect(await run(program.bytes, ["123456789"], await scratch())).toEqual({ value: CHECK });
    const whole = await bundleModule({ url: fixture("checksum.ts"), export: "checksums" });
    expect(await run(whole.bytes, ["123456789"])).toEqual({ value: CHECK });
  });

  test("is taken from the directory that the worker names, where the user's module doesn't exist", async () => {
    const url = await project({
      "package.json": '{ "type": "module" }',
      "task.js": 'import crc from "@node-rs/crc32"; export const task = (text) => crc.crc32(text);',
    });
    const origin = new URL("./node_modules/@node-rs", url("task.js")).pathname;
    await mkdir(origin, { recursive: true });
    await symlink(realPackage, join(origin, "crc32"));
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    const moved = new TextDecoder().decode(program.bytes).replaceAll(new URL(url("")).pathname, "/another/machine/");
    expect(await run(moved, ["123456789"], await installation({ "@node-rs/crc32": realPackage }))).toEqual({
      value: CHECK,
    });

    const empty = await scratch();
    const { error } = await run(moved, ["123456789"], empty);
    expect(error).toMatchObject({ name: "BundleError", code: "MODULE_NOT_FOUND" });
    expect(error?.message).toContain('needs the package "@node-rs/crc32"');
    expect(error?.message).toContain(empty);
    expect(error?.message).toContain("Install it where the worker runs.");
  });

  test("is reached through the package that uses it, under strict layouts", async () => {
    // As pnpm lays packages out: the project sees `sums` only, and `sums` alone sees what it uses.
    const url = await project({
      "package.json": '{ "type": "module" }',
      "node_modules/.pnpm/sums@1/node_modules/sums/package.json":
        '{ "name": "sums", "type": "module", "exports": { "import": "./index.js" } }',
      "node_modules/.pnpm/sums@1/node_modules/sums/index.js":
        'import { crc32 } from "@node-rs/crc32"; export const sum = (text) => crc32(text);',
      "task.js": 'import { sum } from "sums"; export const task = (text) => sum(text);',
    });
    const modules = new URL(url("node_modules")).pathname;
    await symlink(join(modules, ".pnpm/sums@1/node_modules/sums"), join(modules, "sums"));
    await mkdir(join(modules, ".pnpm/sums@1/node_modules/@node-rs"));
    await symlink(realPackage, join(modules, ".pnpm/sums@1/node_modules/@node-rs/crc32"));
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    expect(program.externals).toEqual(["@node-rs/crc32"]);
    expect(new TextDecoder().decode(program.bytes)).toContain('$skyburst_require("@node-rs/crc32", ["sums"])');
    expect(await run(program.bytes, ["123456789"], dirname(modules))).toEqual({ value: CHECK });
  });
});

describe("other packages with native code", () => {
  const native = (manifest: object, name = "native") => ({
    "package.json": '{ "type": "module" }',
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", main: "index.js", ...manifest }),
    [`node_modules/${name}/index.js`]: "exports.answer = () => 42;",
    [`node_modules/${name}/fast/index.js`]: "exports.answer = () => 43;",
    "task.js": `import { answer } from "${name}"; import * as fast from "${name}/fast"; export const task = () => [answer(), fast.answer()];`,
  });

  test.each([
    ["gypfile", { gypfile: true }],
    ["a binary field", { binary: { napi_versions: [8] } }],
    ["a napi field", { napi: { name: "x" } }],
    ["a loader", { dependencies: { "node-gyp-build": "^4" } }],
    ["one package a platform", { optionalDependencies: { "@native/linux-x64": "1.0.0" } }],
  ])("are known by %s", async (_, manifest) => {
    const url = await project(native(manifest));
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    expect(program.externals).toEqual(["native"]);
    expect(new TextDecoder().decode(program.bytes)).not.toContain("=> 43");
    // The subpath is a directory without a package.json: only `require` finds it.
    expect(await run(program.bytes)).toEqual({ value: [42, 43] });
  });

  test.each(["binding.gyp", "prebuilds/linux-x64/native.node"])("are known by %s", async (file) => {
    const url = await project({ ...native({}), [`node_modules/native/${file}`]: "" });
    expect((await bundleModule({ url: url("task.js"), export: "task" })).externals).toEqual(["native"]);
  });

  test("are bundled when nothing speaks for native code", async () => {
    const url = await project(native({ optionalDependencies: { fast: "1" } }));
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    expect(program.externals).toEqual([]);
    expect(await run(program.bytes)).toEqual({ value: [42, 43] });
  });

  test("keep a default export when they are ES modules", async () => {
    const url = await project({
      "package.json": '{ "type": "module" }',
      "node_modules/native/package.json":
        '{ "name": "native", "type": "module", "exports": "./index.js", "gypfile": true }',
      "node_modules/native/index.js": "export default () => 42; export const named = 1;",
      "task.js": 'import answer, { named } from "native"; export const task = () => [answer(), named];',
    });
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    expect(program.externals).toEqual(["native"]);
    expect(await run(program.bytes)).toEqual({ value: [42, 1] });
  });

  test("keep a default export when they are both, ES module and CommonJS", async () => {
    const exports = { import: "./index.mjs", require: "./index.cjs" };
    const url = await project({
      "package.json": '{ "type": "module" }',
      "node_modules/native/package.json": JSON.stringify({ name: "native", exports, gypfile: true }),
      "node_modules/native/index.mjs": "export default () => 42; export const named = 1;",
      "node_modules/native/index.cjs": "module.exports = () => 42; module.exports.named = 1;",
      "task.js": 'import answer, { named } from "native"; export const task = () => [answer(), named, answer.name];',
    });
    const { bytes } = await bundleModule({ url: url("task.js"), export: "task" });
    expect(await run(bytes)).toEqual({ value: [42, 1, ""] });
  });

  test("that don't load here say why", async () => {
    const files = native({ gypfile: true });
    const url = await project({ ...files, "node_modules/native/index.js": 'throw new Error("built for the moon");' });
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    const { error } = await run(program.bytes, [], new URL(url(".")).pathname);
    expect(error).toMatchObject({ name: "BundleError", code: "package-failed" });
    expect(error?.message).toMatch(/"native".* doesn't load on \w+-\w+: built for the moon$/);
  });
});

describe("packages that aren't installed", () => {
  const files = (ask: string) => ({
    "package.json": '{ "type": "module" }',
    "node_modules/tables/package.json": '{ "name": "tables", "main": "index.js" }',
    "node_modules/tables/index.js": ask,
    "task.js": 'import { open } from "tables"; export const task = (kind) => open(kind);',
  });
  const ask = `exports.open = (kind) => kind === "memory" ? 1 : kind === "one" ? require("driver-one") : require("@drivers/two/fast");`;

  test("are missed when a package asks for them, not before", async () => {
    const url = await project(files(ask));
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    expect(program.externals).toEqual([]);
    expect(program.warnings).toEqual([
      'The package "tables" can ask for "driver-one", which is not installed: a task that gets there fails.',
      'The package "tables" can ask for "@drivers/two/fast", which is not installed: a task that gets there fails.',
    ]);
    expect(await run(program.bytes, ["memory"])).toEqual({ value: 1 });
    const { error } = await run(program.bytes, ["two"], await scratch());
    expect(error).toMatchObject({ code: "MODULE_NOT_FOUND", message: expect.stringContaining('"@drivers/two/fast"') });
  });

  test("beside native ones", async () => {
    const url = await project({
      ...files(`${ask} exports.native = () => require("native").answer;`),
      "node_modules/native/package.json": '{ "name": "native", "main": "index.js", "gypfile": true }',
      "node_modules/native/index.js": "exports.answer = 42;",
      "task.js": 'import { native, open } from "tables"; export const task = (kind) => [open(kind), native()];',
    });
    const program = await bundleModule({ url: url("task.js"), export: "task" });
    expect(program).toMatchObject({ externals: ["native"], warnings: [expect.any(String), expect.any(String)] });
    expect(await run(program.bytes, ["memory"])).toEqual({ value: [1, 42] });
  });

  test("are an error in the user's own module, and so is a file that a package lacks of its own", async () => {
    const own = await project({
      ...files(ask),
      "task.js": 'import "tables"; import "driver-one"; export const task = 1;',
    });
    await expect(bundleModule({ url: own("task.js"), export: "task" })).rejects.toMatchObject({
      code: "unresolved",
      message: expect.stringContaining('task.js:1:25: Could not resolve "driver-one"'),
    });
    const broken = await project(files(`require("./gone.js"); ${ask}`));
    await expect(bundleModule({ url: broken("task.js"), export: "task" })).rejects.toMatchObject({
      code: "unresolved",
      message: expect.stringContaining("node_modules/tables/index.js:1:9: Could not resolve"),
    });
  });
});

describe("externalRequire", () => {
  test("finds Node's own modules and says where it looked for others", async () => {
    const load = externalRequire(await scratch());
    expect(load("node:path")).toBe(here("node:path"));
    expect(() => load("left-out")).toThrow(BundleError);
    expect(() => externalRequire()("left-out", [], "file:///gone/task.ts")).toThrow("looked from file:///gone/task.ts");
  });

  test("falls back to a flat layout when the way there is another one", async () => {
    const directory = await installation({ "@node-rs/crc32": realPackage });
    const { crc32 } = externalRequire(directory)("@node-rs/crc32", ["not-installed"]) as {
      crc32: (text: string) => number;
    };
    expect(crc32("123456789")).toBe(CHECK);
  });
});

test("externals are the native packages that are met first", () => {
  const node = (...imports: [path: string, original: string][]) => ({
    imports: imports.map(([path, original]) => ({ path, original })),
  });
  const graph = {
    inputs: {
      "<task>": node(["src/a.ts", "/p/src/a.ts"]),
      "src/a.ts": node(["node_modules/lib/index.js", "lib"], ["src/a.ts", "./a.ts"]),
      "node_modules/lib/index.js": node(
        ["node_modules/lib/own.js", "./own.js"],
        ["node_modules/@n/native/index.js", "@n/native"],
      ),
      "node_modules/lib/own.js": node(["node_modules/@n/native/fast.js", "@n/native/fast"], ["node:fs", "fs"]),
      "node_modules/@n/native/index.js": node(["node_modules/deep/index.js", "deep"]),
      "node_modules/@n/native/fast.js": node(),
      "node_modules/deep/index.js": node(),
    },
  };
  expect(
    externalsOf(graph, new Set(["/p/node_modules/@n/native", "/p/node_modules/deep"]), {
      entry: "<task>",
      directory: "/p",
    }),
  ).toEqual([{ name: "@n/native", via: ["lib"], specifiers: ["@n/native", "@n/native/fast"], isModule: false }]);
});

test("package names and directories are read from specifiers and paths", () => {
  expect(["a", "a/b", "@s/a", "@s/a/b/c", "./a", "/a", "node:fs", "@s"].map(packageName)).toEqual([
    "a",
    "a",
    "@s/a",
    "@s/a",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(packageDirectory("/p/node_modules/.pnpm/a@1/node_modules/@s/a/lib/x.js")).toBe(
    "/p/node_modules/.pnpm/a@1/node_modules/@s/a",
  );
  expect(packageDirectory("/p/src/x.js")).toBeUndefined();
});

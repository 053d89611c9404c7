import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { bundleModule } from "../src/index.ts";
import { fixture, fixturePath, project, rejection, run, scratch } from "./run.ts";

const bundle = (name: string, exported: string) => bundleModule({ url: fixture(name), export: exported });
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("a program", () => {
  test("runs an export of a TypeScript module with what it imports", async () => {
    const program = await bundle("simulate.ts", "simulate");
    expect(await run(program.bytes, [{ seed: 4 }])).toEqual({ value: 10 });
    expect(program).toMatchObject({ externals: [], warnings: [], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("runs a default export, and one whose name is no identifier", async () => {
    expect(await run((await bundle("simulate.ts", "default")).bytes, [{ seed: 1 }])).toEqual({ value: 4 });
    const url = await project({ "odd.js": 'const f = (x) => x + 1; export { f as "a-b" };' });
    const program = await bundleModule({ url: url("odd.js"), export: "a-b" });
    expect(await run(program.bytes, [1])).toEqual({ value: 2 });
  });

  test("leaves out what the export doesn't use", async () => {
    const code = textOf((await bundle("simulate.ts", "double")).bytes).split("//# sourceMappingURL")[0];
    expect(code).toContain("double");
    expect(code).not.toMatch(/simulate\b.*=>|RangeError|createRequire/);
  });

  test("is the same bytes every time, and tells where the sources lie", async () => {
    const [once, again] = await Promise.all([bundle("simulate.ts", "simulate"), bundle("simulate.ts", "simulate")]);
    expect(again.sha256).toBe(once.sha256);
    const copy = await scratch();
    await cp(fixturePath("."), copy, { recursive: true });
    const elsewhere = await bundleModule({ url: pathToFileURL(join(copy, "simulate.ts")).href, export: "simulate" });
    const [here, there] = [once, elsewhere].map(({ bytes }) => textOf(bytes).split("//# sourceMappingURL")[0]);
    expect(there?.replaceAll("// ", "// test/fixtures/")).toBe(here);
  });

  test("has Node's modules, JSON, top-level await and a require of the module's own", async () => {
    expect(await run((await bundle("late.ts", "scale")).bytes, [5])).toEqual({ value: "15/" });
  });

  test("honours the project's tsconfig paths", async () => {
    const url = await project({
      "package.json": '{ "type": "module" }',
      "tsconfig.json": '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
      "lib/rate.ts": "export const rate: number = 3;",
      "task.ts": 'import { rate } from "@lib/rate.ts"; export const task = (x: number) => x * rate;',
    });
    expect(await run((await bundleModule({ url: url("task.ts"), export: "task" })).bytes, [2])).toEqual({ value: 6 });
  });

  test("bundles CommonJS packages, with their requires of Node's modules and of what may be missing", async () => {
    const url = await project({
      "package.json": '{ "type": "module" }',
      "node_modules/old/package.json": '{ "name": "old", "main": "index.js" }',
      "node_modules/old/index.js": `
        const { sep } = require("path");
        let optional = "absent";
        try { optional = require("not-there"); } catch (error) { optional = error.code; }
        const computed = (name) => require(name);
        exports.answer = () => [sep, optional, computed("os").EOL, require("./more").here];`,
      "node_modules/old/more.js": "exports.here = __filename;",
      "task.js": 'import { answer } from "old"; export { answer };',
    });
    const { bytes } = await bundleModule({ url: url("task.js"), export: "answer" });
    const here = new URL(url("node_modules/old/more.js")).pathname;
    expect(await run(bytes)).toEqual({ value: ["/", "MODULE_NOT_FOUND", "\n", here] });
    expect(await run(bytes, [], await scratch())).toEqual({ value: ["/", "MODULE_NOT_FOUND", "\n", here] });
  });

  test("runs an export of a CommonJS module", async () => {
    const url = await project({ "task.cjs": 'const { sep } = require("node:path"); exports.task = (x) => x + sep;' });
    expect(await run((await bundleModule({ url: url("task.cjs"), export: "task" })).bytes, ["a"])).toEqual({
      value: "a/",
    });
  });

  test("carries no bundler, though core can load one", async () => {
    const { bytes } = await bundle("script.ts", "half");
    expect(textOf(bytes)).not.toContain("esbuild");
    const called = await bundle("script.ts", "bundled");
    expect(called.bytes.length).toBeLessThan(4_000);
    expect((await run(called.bytes)).error?.message).toContain("A task can't bundle");
    expect((await run((await bundle("script.ts", "reference")).bytes)).value).toBe("functionfunction");
  });

  test("keeps esbuild's warnings as lines", async () => {
    const url = await project({ "package.json": "{}", "task.js": "export const task = (x) => x === -0;\n" });
    const { warnings } = await bundleModule({ url: url("task.js"), export: "task" });
    expect(warnings).toEqual([expect.stringMatching(/task\.js:1:34: Comparison with -0/)]);
  });

  test("stops with the signal's reason", async () => {
    const reason = new Error("enough");
    const options = { url: fixture("simulate.ts"), export: "simulate" };
    await expect(bundleModule({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const running = bundleModule({ ...options, signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  test("leaves nothing in the temporary directory", async () => {
    const temporary = await scratch();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    await bundle("checksum.ts", "checksum");
    await rejection(bundle("simulate.ts", "nope"));
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe("where things are", () => {
  test("stacks name the user's own file and line", async () => {
    const failed = await run((await bundle("simulate.ts", "fail")).bytes, ["luck"]);
    expect(failed.error).toMatchObject({ name: "RangeError", message: "no luck" });
    expect(failed.error?.stack).toContain(`${fixturePath("simulate.ts")}:15:9`);
    const deeper = await run((await bundle("simulate.ts", "simulate")).bytes, [{ seed: -1 }]);
    expect(deeper.error?.stack).toContain(`${fixturePath("sub/model.ts")}:6:23`);
    expect(deeper.error?.stack).toContain(`${fixturePath("simulate.ts")}:7:`);
  });

  test("the source map names the sources and holds no copy of them", async () => {
    const { bytes } = await bundle("simulate.ts", "simulate");
    const encoded = textOf(bytes).split("base64,")[1] ?? "";
    const map = JSON.parse(Buffer.from(encoded, "base64").toString()) as object;
    expect(map).toMatchObject({
      sourceRoot: fixture("../../"),
      sources: ["test/fixtures/sub/model.ts", "test/fixtures/simulate.ts"],
    });
    expect(map).not.toHaveProperty("sourcesContent");
  });

  test("each module knows its own place", async () => {
    expect(await run((await bundle("places.ts", "read")).bytes)).toEqual({ value: "a,b\n1,2\n" });
    expect(await run((await bundle("places.ts", "places")).bytes)).toEqual({
      value: {
        url: fixture("places.ts"),
        dirname: fixturePath(".").replace(/\/$/, ""),
        filename: fixturePath("places.ts"),
        below: fixture("sub/place.ts"),
        quoted: "import.meta.url __dirname $skyburst_url_000000x",
      },
    });
  });

  test("a package knows its own place, also when a map says what it was compiled from, or a string looks like a path", async () => {
    const map = { version: 3, sources: ["../src/index.ts"], names: [], mappings: "AAAO,MAAM" };
    const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
    const url = await project({
      "package.json": '{ "type": "module" }',
      "node_modules/mapped/package.json": '{ "name": "mapped", "type": "module", "exports": "./dist/index.js" }',
      "node_modules/mapped/dist/index.js": `export const lines = \`\n// no/such/file.js\n\`; export const where = () => import.meta.url;\n${comment}\n`,
      "node_modules/mapped/src/index.ts": "export const where = () => import.meta.url;",
      "task.js": 'import { lines, where } from "mapped"; export const task = () => [where(), import.meta.url, lines];',
    });
    const { bytes } = await bundleModule({ url: url("task.js"), export: "task" });
    const places = [url("node_modules/mapped/dist/index.js"), url("task.js"), "\n// no/such/file.js\n"];
    expect(await run(bytes)).toEqual({ value: places });
  });

  test("places don't move the columns of the line they stand in", async () => {
    const { error } = await run((await bundle("places.ts", "failOnTheSameLine")).bytes);
    expect(error?.stack).toContain(`${fixturePath("places.ts")}:14:70`);
  });
});

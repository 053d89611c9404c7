import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { bundleClosure, bundleModule } from "../src/index.ts";
import { project, rejection, run, scratch } from "./run.ts";

const files = {
  "package.json": '{ "type": "module" }',
  "task.ts": "export const run = (n: number) => n + 1; export const open = 3;",
  "form.ts":
    "export interface Form { readonly base: number } export const open = ({ base }: Form) => ({ encode: (n: number) => n.toString(base) });",
  "shut.ts": "export const close = 1;",
  "node_modules/forms/package.json": '{ "name": "forms", "type": "module", "exports": { "import": "./index.js" } }',
  "node_modules/forms/index.js": 'export function open() { return { encode: () => "packed" }; }',
};

/** What the program's own serializer makes of a number. */
async function encoded(bytes: Uint8Array): Promise<unknown> {
  const directory = await scratch();
  await writeFile(join(directory, "program.mjs"), bytes);
  const probe = `export { serializer } from "./program.mjs"; import { serializer as s } from "./program.mjs"; export const task = (n) => [s.module, s.open(s.options).encode(n)];`;
  await writeFile(join(directory, "probe.mjs"), probe);
  const url = pathToFileURL(join(directory, "probe.mjs")).href;
  return (await run(`import { task } from ${JSON.stringify(url)}; export { task };`, [255])).value;
}

describe("a serializer", () => {
  test("comes with the program of a module, by file and by package", async () => {
    const url = await project(files);
    const own = { module: url("form.ts"), options: { base: 16 } };
    const byFile = await bundleModule({ url: url("task.ts"), export: "run", serializer: own });
    expect(await encoded(byFile.bytes)).toEqual([own.module, "ff"]);
    expect(await run(byFile.bytes, [1])).toEqual({ value: 2 });
    const serializer = { module: "forms", options: {} };
    const byPackage = await bundleModule({ url: url("task.ts"), export: "run", serializer });
    expect(await encoded(byPackage.bytes)).toEqual(["forms", "packed"]);
  });

  test("comes with the program of a closure, whose lines stay its own", async () => {
    const url = await project(files);
    const serializer = { module: url("form.ts"), options: { base: 2 } };
    const { bytes } = await bundleClosure("(n) => {\n  if (n === 0) throw new Error();\n  return n;\n}", {
      serializer,
    });
    expect(await encoded(bytes)).toEqual([serializer.module, "11111111"]);
    expect((await run(bytes, [0])).error?.stack).toMatch(/closure:2:\d+/);
  });

  test("is told apart from the task when it can't be had", async () => {
    const url = await project(files);
    const wrong = async (module: string, name = "run") => {
      const error = await rejection(
        bundleModule({ url: url("task.ts"), export: name, serializer: { module, options: {} } }),
      );
      const { code, message } = error as Error & { code: string };
      return `${code}: ${message.replace(/from \/\S+:/, "from HERE:").replace(/file no? \/\S+\//, "file ")}`;
    };
    expect(await wrong(url("shut.ts"))).toBe(
      `no-open: ${url("shut.ts")} has no export "open": export a function open(options) there.`,
    );
    expect(await wrong("nowhere")).toBe(
      "no-module: The package \"nowhere\" can't be found from HERE: install it there, or give the module's own import.meta.url.",
    );
    expect(await wrong("./form.ts")).toBe(
      "no-module: The reference's module is \"./form.ts\": give a package's name, or the module's own import.meta.url.",
    );
    expect(await wrong(url("from.ts"))).toMatch(/^no-module: There is no file .*from.ts. Did you mean form.ts\?$/);
    expect(await wrong(url("form.ts"), "rum")).toMatch(/^no-export: .*Did you mean run\?/);
  });
});

import { execFile } from "node:child_process";
import { chmod, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { bundleWorker } from "../src/index.ts";
import { project, rejection, scratch } from "./run.ts";

const manifest = (name: string) => `{ "name": "${name}", "type": "module", "exports": "./index.js" }`;
const worker = {
  "node_modules/@skyburst/worker/package.json": manifest("@skyburst/worker"),
  "node_modules/@skyburst/worker/index.js": `
    import { externalRequire } from "@skyburst/bundle/external";
    export async function main({ module, program, store }) {
      const loads = externalRequire("/");
      process.stdout.write(JSON.stringify({ module, program, opened: store({ a: 1 }), path: loads("node:path").sep }));
    }`,
};
const files = {
  ...worker,
  "package.json": '{ "type": "module" }',
  "store.ts": "export const open = (options: object) => ({ options, here: import.meta.url });",
  "shut.ts": "export const close = 1;",
  "node_modules/kept/package.json": manifest("kept"),
  "node_modules/kept/index.js": 'export const open = () => "of a package";',
};

/** What the program says when it is started as a worker is. */
async function started(url: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(url)]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("a worker program", () => {
  test("holds worker and store, by file and by package, and each module knows its place", async () => {
    const url = await project(files);
    const cache = await scratch();
    const module = url("store.ts");
    const byFile = await bundleWorker({ module, cache });
    const opened = { options: { a: 1 }, here: module };
    expect(await started(byFile.url)).toEqual({ module, program: byFile.url, opened, path: "/" });
    const byPackage = await bundleWorker({ module: "kept", cache, from: [fileURLToPath(url("."))] });
    expect(await started(byPackage.url)).toMatchObject({ module: "kept", opened: "of a package" });
  });

  test("is made once, and again when something that it was made of has changed", async () => {
    const url = await project(files);
    const cache = await scratch();
    const made = async () => bundleWorker({ module: url("store.ts"), cache });
    const first = await made();
    vi.stubEnv("ESBUILD_BINARY_PATH", "/nowhere/esbuild");
    expect(await made()).toEqual(first);
    vi.unstubAllEnvs();
    await writeFile(fileURLToPath(url("store.ts")), "export const open = () => 2;");
    const second = await made();
    expect(second.sha256).not.toBe(first.sha256);
    expect(await started(second.url)).toMatchObject({ opened: 2 });
    await writeFile(fileURLToPath(second.url), "damaged");
    expect(await made()).toEqual(second);
    expect(await started(second.url)).toMatchObject({ opened: 2 });
  });

  test("goes from the cache when nobody has used it for a month", async () => {
    const url = await project(files);
    const cache = await scratch();
    const old = await bundleWorker({ module: url("store.ts"), cache });
    const names = await readdir(join(cache, "worker"));
    const before = new Date(Date.now() - 31 * 86_400_000);
    for (const name of names) await utimes(join(cache, "worker", name), before, before);
    // Used again, it stays.
    await bundleWorker({ module: url("store.ts"), cache });
    await bundleWorker({ module: "kept", cache, from: [fileURLToPath(url("."))] });
    expect(await readFile(fileURLToPath(old.url))).toBeDefined();
    for (const name of names) await utimes(join(cache, "worker", name), before, before);
    await writeFile(fileURLToPath(url("node_modules/kept/index.js")), "export const open = () => 3;");
    await bundleWorker({ module: "kept", cache, from: [fileURLToPath(url("."))] });
    for (const name of names) expect(await readdir(join(cache, "worker"))).not.toContain(name);
  });

  test("says what is missing", async () => {
    const url = await project(files);
    const bare = await project({ "package.json": '{ "type": "module" }', "store.ts": "export const open = () => 1;" });
    const cache = await scratch();
    const wrong = async (module: string, options = {}) => {
      const { code, message } = (await rejection(
        bundleWorker({ module, cache, from: [fileURLToPath(bare("."))], ...options }),
      )) as Error & { code: string };
      return `${code}: ${message}`;
    };
    expect(await wrong(url("shut.ts"))).toMatch(/^no-open: .*shut.ts has no export "open"/);
    expect(await wrong("kept")).toMatch(/^no-module: The package "kept" can't be found from \S+: install it there/);
    expect(await wrong(bare("stores.ts"))).toMatch(/^no-module: There is no file .*Did you mean store.ts\?$/);
    const taken = join(await scratch(), "taken");
    await writeFile(taken, "a file");
    await chmod(taken, 0o400);
    expect(await wrong(url("store.ts"), { cache: taken })).toMatch(/^no-cache: .*Set XDG_CACHE_HOME/);
  });

  test("says that its package isn't installed", async () => {
    const bare = await project({ "package.json": '{ "type": "module" }', "store.ts": "export const open = () => 1;" });
    const bundle = new URL("../dist/index.js", import.meta.url).href;
    const script = `import { bundleWorker } from ${JSON.stringify(bundle)};
      await bundleWorker({ module: ${JSON.stringify(bare("store.ts"))} }).catch(({ code, message }) => console.log(code, message));`;
    // Package managers name places in NODE_PATH that Node adds to all others when it starts.
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: fileURLToPath(bare(".")),
      env: { PATH: process.env.PATH, HOME: fileURLToPath(bare(".")) },
    });
    expect(stdout).toMatch(/^no-worker The store .* isn't installed: npm install @skyburst\/worker\n$/);
  });
});

import { execFile } from "node:child_process";
import { cpus } from "node:os";
import os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { createInstrumenter } from "istanbul-lib-instrument";
import { describe, expect, test } from "vitest";
import { BundleError, bundleClosure } from "../src/index.ts";
import { fixturePath, rejection, run } from "./run.ts";
import type { Ran } from "./run.ts";

const textOf = async (source: string) => new TextDecoder().decode((await bundleClosure(source)).bytes);
const ran = async (source: string, ...input: unknown[]): Promise<Ran> =>
  run((await bundleClosure(source)).bytes, input);

async function failure(source: string): Promise<BundleError> {
  const error = await rejection(bundleClosure(source));
  expect(error).toBeInstanceOf(BundleError);
  return error as BundleError;
}

describe("a closure becomes a program", () => {
  test.each([
    ["an arrow function", "(x) => x * 2"],
    ["an arrow function with a body", "x => {\n  return x * 2;\n}"],
    ["an async arrow function", "async (x) => x * 2"],
    ["an arrow function of an object's pieces", "({ length = 3 }) => length * 2"],
    ["a function", "function (x) { return x * 2; }"],
    ["a named function that calls itself", "function f(x) { return x > 2 ? f(x - 1) + 2 : x * 2; }"],
    ["an async function", "async function f(x) { return arguments[0] * 2; }"],
    ["a method", "double(x) { return x * 2; }"],
    ["an async method", "async double(x) { return x * 2; }"],
    ["a method called as a keyword is", "function(x) { return x * 2; }"],
    ["a method called async", "async(x) { return x * 2; }"],
    ["a method called get", "get(x) { return x * 2; }"],
    ["a method with a computed name", "[Symbol.iterator](x) { return x * 2; }"],
    ["a private method", "#double(x) { return x * 2; }"],
    ["a function with a comment after it", "(x) => x * 2 // twice"],
    ["a function with a default parameter", "(x, y = 2) => x * y"],
  ])("%s", async (_, source) => {
    const input = source.includes("length") ? "abc" : 3;
    expect(await ran(source, input)).toEqual({ value: 6 });
  });

  test("the same text gives the same bytes, no externals and no warnings", async () => {
    const [once, again] = await Promise.all([bundleClosure("(x) => x"), bundleClosure("(x) => x")]);
    expect(again).toEqual(once);
    expect(once).toMatchObject({ externals: [], warnings: [] });
  });

  test("stacks name the closure and its own line", async () => {
    const source = "(x) => {\n  const fail = () => {\n    throw new Error('no');\n  };\n  return fail(x);\n}";
    expect((await ran(source)).error?.stack).toMatch(/at fail \(closure:3:11\)\n\s+at task \(closure:5:10\)/);
    const { bytes } = await bundleClosure(source, { name: "my closure\n" });
    expect((await run(bytes)).error?.stack).toContain("(my_closure_:3:11)");
  });

  test("imports Node's modules, and packages as found from a directory", async () => {
    expect(await ran('async () => (await import("node:path")).sep + (await import("fs")).constants.F_OK')).toEqual({
      value: "/0",
    });
    const source = "async (x) => (await import(`acorn`)).parse(x, { ecmaVersion: 2020 }).type";
    const { bytes, externals } = await bundleClosure(source, { directory: fixturePath(".") });
    expect(externals).toEqual([]);
    expect(await run(bytes, ["1"])).toEqual({ value: "Program" });
    const late = await bundleClosure('async () => {\n  await import("acorn");\n  throw new Error("late");\n}', {
      directory: fixturePath("."),
    });
    expect((await run(late.bytes)).error?.stack).toContain(`${fixturePath("closure")}:3:9`);
    expect(await failure('() => import("no-such-package")')).toMatchObject({
      code: "unresolved",
      message: expect.stringMatching(/^closure:1:\d+: Could not resolve "no-such-package": install the package/),
    });
  });

  test("stops with the signal's reason", async () => {
    const reason = new Error("enough");
    await expect(bundleClosure("() => 1", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("what can't travel as text is refused", () => {
  test.each([
    ["a native function", Math.sqrt.toString(), /native or bound/],
    ["a bound function", Math.hypot.bind(null, 3).toString(), /native or bound/],
    ["a class", "class A { constructor() {} }", /is a class/],
    ["a generator", "function* (x) { yield x; }", /generator/],
    ["a generator method", "*items(x) { yield x; }", /generator/],
    ["an async generator", "async function* f(x) { yield x; }", /generator/],
    ["a getter", "get size() { return 1; }", /getter/],
    ["a setter", "set size(x) { }", /setter/],
    ["another expression", "1 + 2", /not the text of a function/],
    ["this in an arrow function", "(x) =>\n this.rate * x", /uses this \(line 2\)/],
    ["this in a method", "f(x) { return [1].map(() => this.rate * x); }", /uses this/],
    ["super", "f(x) { return super.f(x); }", /uses super/],
    ["the arguments of the function around", "(x) => arguments.length", /uses arguments/],
    ["import.meta", "(x) => import.meta.url", /uses import\.meta/],
  ])("%s", async (_, source, message) => {
    expect(await failure(source)).toMatchObject({
      code: "not-a-closure",
      retryable: false,
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ["no JavaScript", "(x) => {"],
    ["new.target in an arrow function", "(x) => new.target"],
    ["TypeScript", "(x: number) => x"],
  ])("%s", async (_, source) => {
    expect(await failure(source)).toMatchObject({
      code: "syntax",
      message: expect.stringMatching(/can't be read as JavaScript: .*\(\d+:\d+\)\.$/),
    });
  });

  test.each(["./model.js", "../a.js", "/abs/a.js", "file:///abs/a.js", "#internal", "https://example.com/a.js"])(
    "the import of %s",
    async (specifier) => {
      expect(await failure(`() => import(${JSON.stringify(specifier)})`)).toMatchObject({
        code: "unresolved",
        message: expect.stringContaining(`imports "${specifier}"`),
      });
    },
  );

  test("this, super and arguments of functions and classes inside are their own", async () => {
    const source = `(x) => {
      function count() { return arguments.length; }
      class A { y = this.constructor.name; static { this.z = 1; } f() { return super.toString.name + this.y; } }
      return [count(1, 2), new A().f(), A.z, { f() { return this.x; }, x }.f()];
    }`;
    expect(await ran(source, 4)).toEqual({ value: [2, "toStringA", 1, 4] });
  });

  test("free variables, by name", async () => {
    const error = await failure("(x) => rate * x + table[x] + rate");
    expect(error).toMatchObject({ code: "free-variables", names: ["rate", "table"] });
    expect(error.message).toContain("from the scope around it: rate, table.");
    expect(error.message).toContain("task(import.meta.url, fn)");
    expect((await failure('(x) => require("fs")')).message).toContain("await import(…)");
  });
});

describe("tools that compile the user's code", () => {
  test("tsx: helpers are defined again", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", fixturePath("closures.ts")], {
      cwd: fixturePath("."),
      env: { PATH: process.env.PATH },
    });
    const results = JSON.parse(stdout) as Record<string, { text?: string; error?: string }>;
    const value = async (name: string) => (await run(results[name]?.text ?? "", [5])).value;
    expect(await value("plain")).toBe(6);
    expect(results["named"]?.text).toContain("__name(");
    expect(await value("named")).toEqual([6, 4, "add", "twice", "Account"]);
    expect(await value("disposed")).toEqual(["object", "b5object", "a"]);
    expect(await value("disposedLater")).toEqual(["objectobject", "a", "SuppressedError", "from b", "from the body 5"]);
    expect(await value("builtin")).toBe("a/5");
    expect(await value("package")).toBe("Program");
    expect(results["free"]?.error).toContain("from the scope around it: rate.");
  });

  test("vitest: this very file's closures", async () => {
    expect(
      await ran(
        String((x: number) => [x].map((y) => y + 1)),
        1,
      ),
    ).toEqual({ value: [2] });
    const builtin = async (x: string) => (await import("node:path")).join("a", x);
    expect(await ran(String(builtin), "b")).toEqual({ value: "a/b" });
    const bundled = async (x: string) => (await import("acorn")).parse(x, { ecmaVersion: 2020 }).type;
    const program = await bundleClosure(String(bundled), { directory: fixturePath(".") });
    expect(await run(program.bytes, ["1"])).toEqual({ value: "Program" });
    const relative = async () => import("./run.ts");
    expect(await failure(String(relative))).toMatchObject({ code: "unresolved" });
    expect(await failure(String(() => import.meta.url))).toMatchObject({ code: "not-a-closure" });
  });

  test("vitest: imports are named as the user knows them", async () => {
    const error = await failure(String(() => cpus().length + os.cpus().length + path.join("a").length + textOf.length));
    expect(error.names).toEqual(["cpus", "default", "join", "textOf"]);
    expect(error.message).toContain("cpus (an import of its module), ");
    expect(error.message).toContain(", textOf.");
  });

  test("compiled to CommonJS: imports are named as well", async () => {
    expect((await failure("x=>(0,import_node_os.cpus)().length+import_b.b+x")).names).toEqual(["cpus", "b"]);
  });

  test("istanbul: counters count into the void", async () => {
    const instrumenter = createInstrumenter({ esModules: true });
    const code = instrumenter.instrumentSync(
      "export const f = (x, y = 1) => { const g = () => (x > 1 ? 'many' : 'one'); if (x > 5 || y > 5) return 0; return g() + y; };",
      "/project/f.js",
    );
    const { f } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { f: () => unknown };
    expect(String(f)).toMatch(/cov_\w+\(\)\.s\[/);
    expect(await ran(String(f), 3)).toEqual({ value: "many1" });
    expect(await ran(String(f), 9)).toEqual({ value: 0 });
    expect((await failure("() => cov_matrix() + cov_ab().x + cov_ab(1).s")).names).toEqual(["cov_matrix", "cov_ab"]);
  });

  test("a closure's own __name is its own", async () => {
    expect(await ran("(x) => { const __name = (y) => y + 1; return __name(x); }", 1)).toEqual({ value: 2 });
  });
});

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freeVariables } from "../src/closure/free-names.ts";

describe("freeVariables", () => {
  test.each<[string, string[]]>([
    ["(x) => x", []],
    ["(x) => y", ["y"]],
    ["({ a, b: [c, ...d], ...e }, f = a) => [a, c, d, e, f, b]", ["b"]],
    ["(x = y) => { var y; return y; }", ["y"]],
    ["() => { { let a; } return a; }", ["a"]],
    ["() => { { var a; } return a; }", []],
    ["() => { f(); function f() {} }", []],
    ["() => { try { } catch (e) { e; } e; }", ["e"]],
    ["() => { for (const i of xs) i; i; }", ["xs", "i"]],
    ["() => { class A extends B { [k] = v; #p = 1; m() { return this.#p + A; } } }", ["B", "k", "v"]],
    ["() => ({ a: 1, b, c() {}, [d]: 1 })", ["b", "d"]],
    ["(o) => o.a.b[c]", ["c"]],
    ["() => { a: for (;;) { break a; } }", []],
    ["() => { a = 1; b++; [c] = []; ({ d } = {}); delete e.f; }", ["a", "b", "c", "d", "e"]],
    ["() => typeof window === 'undefined'", []],
    ["() => typeof window === 'undefined' ? 1 : window.x", ["window"]],
    ["function f() { return [f, arguments, new.target]; }", []],
    ["() => (function g() { return g; }, g)", ["g"]],
    ["() => `${a}` + b`c`", ["a", "b"]],
    ["async () => { for await (const x of y) await z(x); }", ["y", "z"]],
    ["() => [console, process, Buffer, fetch, structuredClone, undefined, NaN, globalThis, JSON, URL]", []],
    [
      "() => [require, module, exports, __dirname, __filename, describe]",
      ["require", "module", "exports", "__dirname", "__filename", "describe"],
    ],
    ["() => task", ["task"]],
    ["f(x) { return f; }", ["f"]],
  ])("%s", (source, names) => {
    expect(freeVariables(source)).toEqual(names);
  });

  test("every global of a pristine Node is known", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["-p", "JSON.stringify(Object.getOwnPropertyNames(globalThis))"],
      { env: { PATH: process.env.PATH } },
    );
    // What only `node -p` has: CommonJS's own names, and Node's modules by name.
    const evaluated = new Set([
      "module",
      "exports",
      "require",
      "__filename",
      "__dirname",
      ...(await import("node:module")).builtinModules,
    ]);
    const names = (JSON.parse(stdout) as string[]).filter(
      (name) => !evaluated.has(name) || name === "console" || name === "process",
    );
    expect(names.length).toBeGreaterThan(100);
    expect(freeVariables(`() => [${names.join(", ")}]`)).toEqual([]);
  });

  test("names are free exactly where no scope around them declares them", () => {
    fc.assert(
      fc.property(block(3), (statements) => {
        const source = `(${PARAMETER}) => {${statements.map(write).join(" ")}}`;
        expect(freeVariables(source).sort()).toEqual([...freeIn(statements, new Set([PARAMETER]))].sort());
      }),
      { numRuns: 500 },
    );
  });
});

// A little language whose scopes are known by construction: a second opinion on the analyser's.
type Statement =
  | { readonly kind: "use"; readonly name: string }
  | { readonly kind: "let" | "var"; readonly name: string }
  | {
      readonly kind: "block" | "arrow" | "catch" | "function";
      readonly name: string;
      readonly body: readonly Statement[];
    };

const PARAMETER = "input";
const NAMES = ["a", "b", "c", "d", PARAMETER];

function block(depth: number): fc.Arbitrary<Statement[]> {
  const name = fc.constantFrom(...NAMES);
  const simple = fc.record({
    kind: fc.constantFrom("use" as const, "use" as const, "let" as const, "var" as const),
    name,
  });
  const nested = fc.constantFrom("block" as const, "arrow" as const, "catch" as const, "function" as const);
  const statement: fc.Arbitrary<Statement> =
    depth === 0
      ? simple
      : fc.oneof(simple, fc.record({ kind: nested, name, body: block(depth - 1) }).map(ownParameter));
  return fc.array(statement, { maxLength: 5 }).map(legal);
}

/** Drops declarations that JavaScript doesn't allow beside each other: of one name there may be several `var`, else only one. */
function legal(statements: readonly Statement[]): Statement[] {
  const taken = hoisted(statements).add(PARAMETER);
  return statements.filter(({ kind, name }) => {
    if (kind !== "let" && kind !== "function") return true;
    return !taken.has(name) && taken.add(name).has(name);
  });
}

/** A parameter may not be declared again by `let`. */
function ownParameter<T extends Extract<Statement, { body: unknown }>>(statement: T): T {
  if (statement.kind !== "arrow") return statement;
  return { ...statement, body: statement.body.filter(({ kind, name }) => kind !== "let" || name !== statement.name) };
}

/** The `var`s that a function's body has, those of blocks within it included. */
function hoisted(statements: readonly Statement[]): Set<string> {
  return new Set(
    statements.flatMap((s) => {
      if (s.kind === "var") return [s.name];
      return s.kind === "block" || s.kind === "catch" ? [...hoisted(s.body)] : [];
    }),
  );
}

function write(statement: Statement): string {
  const { kind, name } = statement;
  if (!("body" in statement)) return kind === "use" ? `({ ${name}: 0 }).${name}; ${name};` : `${kind} ${name};`;
  const body = statement.body.map(write).join(" ");
  if (kind === "block") return `{ ${body} }`;
  if (kind === "arrow") return `(${name}) => { ${body} };`;
  // The binding is one that nothing else declares, or `var` and `let` in the body could clash with it.
  return kind === "catch" ? `try {} catch (caught) { caught; ${body} }` : `function ${name}() { ${body} }`;
}

function freeIn(statements: readonly Statement[], around: ReadonlySet<string>, functionBody = true): Set<string> {
  const declared = statements.flatMap((s) => (s.kind === "let" || s.kind === "function" ? [s.name] : []));
  const scope = new Set([...around, ...declared, ...(functionBody ? hoisted(statements) : [])]);
  return new Set(
    statements.flatMap((s) => {
      if (s.kind === "use") return scope.has(s.name) ? [] : [s.name];
      if (s.kind === "block" || s.kind === "catch") return [...freeIn(s.body, scope, false)];
      if (s.kind === "arrow") return [...freeIn(s.body, new Set([...scope, s.name]))];
      return s.kind === "function" ? [...freeIn(s.body, scope)] : [];
    }),
  );
}

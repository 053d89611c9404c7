import { describe, expect, test } from "vitest";
import { coreProblems } from "./conventions/core.ts";
import { dependencyProblems } from "./conventions/dependencies.ts";
import { entryProblems } from "./conventions/entries.ts";
import { layoutProblems } from "./conventions/layout.ts";
import type { Manifest, PackageTree } from "./conventions/package-tree.ts";
import { sourceProblems } from "./conventions/sources.ts";

// Each rule of the conventions is broken once: a rule that says nothing here would say nothing of the real packages.

interface Breakage {
  readonly manifest?: Manifest;
  readonly texts?: Readonly<Record<string, string | undefined>>;
  readonly built?: Readonly<Record<string, string>>;
}

type Case = readonly [fault: string, broken: Breakage, problem: string];

const STORE_TEXTS = {
  "README.md": "# @skyburst/state-x\n\n```ts\nconst x = 1;\n```\n",
  "src/errors.ts": "export class StateXError extends Error {}\n",
  "src/index.ts": 'export { x } from "./store.ts";\n',
  "src/options.ts": "export interface Options {}\n",
  "src/program.ts": 'import { run } from "@skyburst/worker";\nrun();\n',
  "src/store.ts": 'import { a } from "client";\nimport type { B } from "@skyburst/core";\nexport const x: B = a;\n',
  "tsconfig.json": "{}",
  "tsconfig.build.json": "{}",
  "tsup.config.ts": 'import { defineConfig } from "tsup";\nexport default defineConfig({});\n',
};

const STORE_MANIFEST: Manifest = {
  name: "@skyburst/state-x",
  description: "A store.",
  license: "Apache-2.0",
  type: "module",
  sideEffects: false,
  files: ["dist", "README.md"],
  engines: { node: ">=20.19" },
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
  dependencies: { client: "1" },
  devDependencies: { "@skyburst/core": "1", "@skyburst/worker": "1" },
  peerDependencies: { "@skyburst/core": "1" },
};

const BUILT = { "dist/index.js": "", "dist/index.d.ts": "", "dist/program.mjs": 'import "node:fs";' };

function store(broken: Breakage = {}, directory = "state-x"): PackageTree {
  const texts = { "package.json": "{}", ...STORE_TEXTS, ...broken.texts };
  return {
    directory,
    manifest: { ...STORE_MANIFEST, ...broken.manifest },
    texts: new Map(Object.entries(texts).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]]))),
    built: new Map(Object.entries(broken.built ?? BUILT)),
  };
}

test("a package without a fault has no problem", () => {
  const rules = [dependencyProblems, entryProblems, layoutProblems, sourceProblems, coreProblems];
  expect(rules.flatMap((rule) => rule(store()))).toEqual([]);
});

describe("dependencies", () => {
  const cases: readonly Case[] = [
    ["import", { texts: { "src/options.ts": 'import "left-pad";' } }, "imports left-pad without a dependency on it"],
    [
      "import of a subpath",
      { texts: { "src/options.ts": 'import "@a/b/c";' } },
      "imports @a/b without a dependency on it",
    ],
    ["re-export", { texts: { "src/options.ts": 'export { a } from "b";' } }, "imports b without a dependency on it"],
    ["re-export of all", { texts: { "src/options.ts": 'export * from "b";' } }, "imports b without a dependency on it"],
    ["dynamic import", { texts: { "src/options.ts": 'await import("b");' } }, "imports b without a dependency on it"],
    [
      "import of a type",
      { texts: { "src/options.ts": 'type A = import("b").A;' } },
      "imports b without a dependency on it",
    ],
    [
      "import.meta.resolve",
      { texts: { "src/options.ts": 'import.meta.resolve("b/c");' } },
      "imports b without a dependency on it",
    ],
    ["require", { texts: { "src/options.ts": 'require("b");' } }, "imports b without a dependency on it"],
    [
      "require.resolve",
      { texts: { "src/options.ts": 'createRequire(import.meta.url).resolve("b/package.json");' } },
      "imports b without a dependency on it",
    ],
    [
      "what only the build has",
      { texts: { "src/options.ts": 'import "@skyburst/worker";' } },
      "imports @skyburst/worker without a dependency on it",
    ],
    [
      "needless dependency",
      { manifest: { dependencies: { client: "1", b: "1" } } },
      "depends on b without importing it",
    ],
    ["test", { texts: { "test/a.test.ts": 'import "b";' } }, "uses b in tests or build undeclared"],
    [
      "needless devDependency",
      { manifest: { devDependencies: { ...STORE_MANIFEST.devDependencies, b: "1" } } },
      "has b in devDependencies without use",
    ],
    [
      "peer to build against",
      { manifest: { devDependencies: { "@skyburst/worker": "1" } } },
      "has the peer @skyburst/core without a devDependency to build against",
    ],
    [
      "path into another package",
      { texts: { "src/options.ts": 'import "../../core/src/store.ts";' } },
      "src/options.ts imports ../../core/src/store.ts, which is no file of this package",
    ],
    [
      "own file without its extension",
      { texts: { "src/options.ts": 'import "./store";' } },
      "src/options.ts imports ./store, which is no file of this package",
    ],
  ];
  test.each(cases)("%s", (_, broken, problem) => expect(dependencyProblems(store(broken))).toEqual([problem]));

  test("what tests name to a tool is used, and so are the types of what is imported", () => {
    const devDependencies = { ...STORE_MANIFEST.devDependencies, tsx: "1", "@types/client": "1", native: "1" };
    const texts = {
      "test/a.test.ts": 'spawn("node", ["--import", "tsx"]);',
      "test/fixtures/a.ts": 'import "native";\nimport "missing-on-purpose";',
    };
    expect(dependencyProblems(store({ manifest: { devDependencies }, texts }))).toEqual([]);
  });
});

describe("entries", () => {
  const entry = STORE_MANIFEST.exports?.["."] ?? "";
  const self = { "./package.json": "./package.json" };
  const cases: readonly Case[] = [
    ["file not built", { built: { "dist/index.d.ts": "" } }, "names ./dist/index.js, which is not there after a build"],
    [
      "types not built",
      { built: { "dist/index.js": "" } },
      "names ./dist/index.d.ts, which is not there after a build",
    ],
    [
      "bin not built",
      { manifest: { bin: { x: "./dist/bin.js" } } },
      "names ./dist/bin.js, which is not there after a build",
    ],
    [
      "program with a chunk beside it",
      { built: { ...BUILT, "dist/program.mjs": 'import "./chunk.js";' } },
      "has a program that needs ./chunk.js beside it",
    ],
    [
      "program with a package beside it",
      { built: { ...BUILT, "dist/program.mjs": 'await import("esbuild");' } },
      "has a program that needs esbuild beside it",
    ],
    ["no types", { manifest: { exports: { ".": "./dist/index.js", ...self } } }, "exports . without types"],
    [
      "types last",
      { manifest: { exports: { ".": { default: "./dist/index.js", types: "./dist/index.d.ts" }, ...self } } },
      "exports . without types as its first condition",
    ],
    ["no main entry", { manifest: { exports: self } }, 'has no "." in exports'],
    ["no manifest", { manifest: { exports: { ".": entry } } }, 'has no "./package.json" in exports'],
    ["unpublished", { manifest: { bin: { x: "./src/store.ts" } } }, 'names ./src/store.ts, which "files" leaves out'],
  ];
  test.each(cases)("%s", (_, broken, problem) => expect(entryProblems(store(broken))).toEqual([problem]));
});

describe("layout", () => {
  const notOnly = "has more in src/index.ts than named re-exports";
  const cases: readonly Case[] = [
    ["no options.ts", { texts: { "src/options.ts": undefined } }, "has no src/options.ts, which its sisters have"],
    ["no README", { texts: { "README.md": undefined } }, "has no README.md, which its sisters have"],
    ["license", { manifest: { license: "MIT" } }, 'should have license: "Apache-2.0" in package.json'],
    ["type", { manifest: { type: "commonjs" } }, 'should have type: "module" in package.json'],
    ["sideEffects", { manifest: { sideEffects: true } }, "should have sideEffects: false in package.json"],
    ["name", { manifest: { name: "state-x" } }, 'should have name: "@skyburst/state-x" in package.json'],
    ["engines", { manifest: { engines: {} } }, 'should have engines.node: ">=20.19" in package.json'],
    ["description", { manifest: { description: "" } }, "has no description in package.json"],
    [
      "no snippet",
      { texts: { "README.md": "# @skyburst/state-x\n" } },
      "has a README without a snippet that runs (```ts or ```sh)",
    ],
    [
      "long README",
      { texts: { "README.md": STORE_TEXTS["README.md"] + "\n".repeat(60) } },
      "has a README of more than 60 lines",
    ],
    ["export of all", { texts: { "src/index.ts": 'export * from "./store.ts";' } }, notOnly],
    ["code", { texts: { "src/index.ts": 'export { x } from "./store.ts";\nconst y = 1;' } }, notOnly],
    ["default", { texts: { "src/index.ts": "export default 1;" } }, notOnly],
    ["nothing", { texts: { "src/index.ts": "export {};" } }, notOnly],
    [
      "long index",
      { texts: { "src/index.ts": 'export { x } from "./store.ts";\n'.repeat(31) } },
      "has more than 30 lines in src/index.ts",
    ],
  ];
  test.each(cases)("%s", (fault, broken, problem) => {
    const others = fault === "name" ? ['has a README that does not start with "# state-x"'] : [];
    expect(layoutProblems(store(broken))).toEqual([problem, ...others]);
  });
});

describe("sources", () => {
  const errors = "export class A extends Error {}\nexport class B extends TypeError {}\n";
  const cases: readonly Case[] = [
    ["cast", { texts: { "src/store.ts": "x as unknown as string;" } }, "src/store.ts casts by way of unknown"],
    ["left to do", { texts: { "src/store.ts": ["// TO", "DO"].join("") } }, "src/store.ts leaves something to do"],
    ["no types", { texts: { "src/store.ts": "// @ts-nocheck" } }, "src/store.ts switches the type checker off"],
    ["two errors", { texts: { "src/errors.ts": errors } }, "src/errors.ts exports more than one error class"],
    [
      "error elsewhere",
      { texts: { "src/store.ts": "export class E extends Error {}" } },
      "src/store.ts exports an error class, which belongs to src/errors.ts",
    ],
  ];
  test.each(cases)("%s", (_, broken, problem) => expect(sourceProblems(store(broken))).toEqual([problem]));
});

describe("core", () => {
  const cases: readonly Case[] = [
    [
      "store",
      { texts: { "src/a.ts": 'import "@skyburst/state-fs";' } },
      "src/a.ts imports @skyburst/state-fs: core knows no other package",
    ],
    [
      "worker's types",
      { texts: { "src/a.ts": 'type W = import("@skyburst/worker").W;' } },
      "src/a.ts imports @skyburst/worker: core knows no other package",
    ],
    [
      "bundler at start",
      { texts: { "src/a.ts": 'import { b } from "@skyburst/bundle";' } },
      "src/a.ts imports @skyburst/bundle when it starts",
    ],
    [
      "SDK",
      { texts: { "src/a.ts": 'await import("@aws-sdk/client-s3");' } },
      "src/a.ts imports the SDK @aws-sdk/client-s3",
    ],
    [
      "other I/O at the edge",
      { texts: { "src/session/program.ts": 'import { connect } from "node:net";' } },
      "src/session/program.ts imports node:net: core has no I/O of its own",
    ],
    [
      "I/O",
      { texts: { "src/a.ts": 'import { open } from "node:fs/promises";' } },
      "src/a.ts imports node:fs/promises: core has no I/O of its own",
    ],
  ];
  const coreTexts = { "src/program.ts": undefined, "src/store.ts": undefined };
  test.each(cases)("%s", (_, { texts }, problem) => {
    expect(coreProblems(store({ texts: { ...coreTexts, ...texts } }, "core"))).toEqual([problem]);
  });

  test("loads the bundler when it is needed, and imports what is its own", () => {
    const texts = {
      "src/a.ts": 'import { createHash } from "node:crypto";\nawait import("@skyburst/bundle");',
      "src/session/program.ts": 'import { readFileSync } from "node:fs";',
    };
    expect(coreProblems(store({ texts: { ...coreTexts, ...texts } }, "core"))).toEqual([]);
  });
});

import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { coreProblems } from "./conventions/core.ts";
import { dependencyProblems } from "./conventions/dependencies.ts";
import { entryProblems } from "./conventions/entries.ts";
import { layoutProblems } from "./conventions/layout.ts";
import { readPackages } from "./conventions/package-tree.ts";
import { sourceProblems } from "./conventions/sources.ts";

const packages = readPackages(fileURLToPath(new URL("../packages", import.meta.url)));

test("every package is looked at", () => {
  const names = packages.map(({ directory }) => directory);
  expect(names).toEqual(
    expect.arrayContaining(["backend-local", "bundle", "cli", "core", "state-fs", "state-s3", "worker"]),
  );
});

test("all packages have one version", () => {
  expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1);
});

describe.each(packages.map((tree) => [tree.directory, tree] as const))("packages/%s", (_, tree) => {
  test("declares what it imports and imports what it declares", () => {
    expect(dependencyProblems(tree)).toEqual([]);
  });

  test("exports files that exist, with types", () => {
    expect(entryProblems(tree)).toEqual([]);
  });

  test("is laid out as its sisters", () => {
    expect(layoutProblems(tree)).toEqual([]);
  });

  test("has nothing in its sources that does not belong there", () => {
    expect([...sourceProblems(tree), ...coreProblems(tree)]).toEqual([]);
  });
});

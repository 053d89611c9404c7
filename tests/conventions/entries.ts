import { importsOf, packageOf } from "./imports.ts";
import type { PackageTree } from "./package-tree.ts";

/** Every file that `exports` and `bin` name exists after a build, is published, and has its types. */
export function entryProblems(tree: PackageTree): readonly string[] {
  const { exports = {}, bin = {} } = tree.manifest;
  const named = [...Object.values(exports).flatMap(targets), ...Object.values(bin)];
  return [
    ...named.filter((path) => !exists(tree, path)).map((path) => `names ${path}, which is not there after a build`),
    ...named.filter((path) => !isPublished(tree, path)).map((path) => `names ${path}, which "files" leaves out`),
    ...Object.entries(exports).flatMap(([entry, target]) => typeProblems(entry, target)),
    ...programProblems(tree),
    ...("." in exports ? [] : ['has no "." in exports']),
    ...("./package.json" in exports ? [] : ['has no "./package.json" in exports']),
  ];
}

type Target = string | Readonly<Record<string, string>>;

function targets(target: Target): readonly string[] {
  return typeof target === "string" ? [target] : Object.values(target);
}

function exists(tree: PackageTree, path: string): boolean {
  const plain = path.replace(/^\.\//, "");
  return tree.built.has(plain) || tree.texts.has(plain);
}

function isPublished(tree: PackageTree, path: string): boolean {
  const plain = path.replace(/^\.\//, "");
  return plain === "package.json" || (tree.manifest.files ?? []).some((file) => plain.startsWith(`${file}/`));
}

function typeProblems(entry: string, target: Target): readonly string[] {
  if (entry === "./package.json") return [];
  if (typeof target === "string") return [`exports ${entry} without types`];
  // TypeScript takes the first condition that holds: types behind `default` are never read.
  return Object.keys(target)[0] === "types" ? [] : [`exports ${entry} without types as its first condition`];
}

/** A program runs where nothing is installed: all that it imports is Node's own. */
function programProblems({ built }: PackageTree): readonly string[] {
  const program = built.get("dist/program.mjs");
  if (program === undefined) return [];
  return importsOf("program.mjs", program)
    .filter(({ specifier }) => packageOf(specifier) !== undefined || specifier.startsWith("."))
    .map(({ specifier }) => `has a program that needs ${specifier} beside it`);
}

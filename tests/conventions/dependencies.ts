import { importsOf, packageOf, stringsOf } from "./imports.ts";
import type { PackageTree } from "./package-tree.ts";

// Tools of the whole repository, declared once at its root.
const ROOT_TOOLS: ReadonlySet<string> = new Set(["vitest", "tsup"]);

/** A package imports what it declares and declares what it imports, each for where it is used. */
export function dependencyProblems(tree: PackageTree): readonly string[] {
  // Programs have everything inside, so that what they are made of is needed to build and not to run; and some others are put into a library.
  const inlined = new Set(tree.manifest.inlined);
  const named = packagesNamedIn(tree, isShipped);
  const shipped = new Set([...named].filter((name) => !inlined.has(name)));
  const inBuild = packagesNamedIn(tree, (path) => !isShipped(path) && !isFixture(path));
  const atBuild = new Set([...inBuild, ...[...named].filter((name) => inlined.has(name))]);
  const needed = new Set(Object.keys({ ...tree.manifest.dependencies, ...tree.manifest.peerDependencies }));
  const forUs = new Set(Object.keys(tree.manifest.devDependencies ?? {}));
  const peers = new Set(Object.keys(tree.manifest.peerDependencies ?? {}));
  return [
    ...missing(shipped, needed).map((name) => `imports ${name} without a dependency on it`),
    ...missing(needed, shipped).map((name) => `depends on ${name} without importing it`),
    ...missing(atBuild, new Set([...needed, ...forUs])).map((name) => `uses ${name} in tests or build undeclared`),
    ...missing(forUs, new Set([...atBuild, ...peers, ...namedInTests(tree, named)])).map(
      (name) => `has ${name} in devDependencies without use`,
    ),
    ...missing(peers, forUs).map((name) => `has the peer ${name} without a devDependency to build against`),
    ...outsideImports(tree),
  ];
}

function packagesNamedIn(tree: PackageTree, where: (path: string) => boolean): ReadonlySet<string> {
  const names = [...tree.texts]
    .filter(([path]) => path.endsWith(".ts") && where(path))
    .flatMap(([path, text]) => importsOf(path, text).map(({ specifier }) => packageOf(specifier)))
    .filter((name) => name !== undefined);
  return new Set(names.filter((name) => name !== tree.manifest.name && !ROOT_TOOLS.has(name)));
}

/** What tests name to a tool without importing it, what fixtures import, and the types of whatever is imported. */
function namedInTests(tree: PackageTree, shipped: ReadonlySet<string>): readonly string[] {
  const tests = [...tree.texts].filter(([path]) => path.endsWith(".ts") && !isShipped(path));
  const strings = [...tests.flatMap(([path, text]) => stringsOf(path, text)), ...packagesNamedIn(tree, isFixture)];
  return [...strings, ...[...strings, ...shipped].map((name) => `@types/${name.replace(/^@([^/]+)\//, "$1__")}`)];
}

/** Material of tests, which may name packages that are missing on purpose. */
function isFixture(path: string): boolean {
  return path.startsWith("test/fixtures/");
}

function isShipped(path: string): boolean {
  return path.startsWith("src/") && path !== "src/program.ts" && !/\.test(-d)?\.ts$/.test(path);
}

function missing(wanted: ReadonlySet<string>, there: ReadonlySet<string>): readonly string[] {
  return [...wanted].filter((name) => !there.has(name));
}

/** Own files are named with their extension, and other packages by their name, never by a path into them. */
function outsideImports(tree: PackageTree): readonly string[] {
  return [...tree.texts]
    .filter(([path]) => path.startsWith("src/") && path.endsWith(".ts"))
    .flatMap(([path, text]) =>
      importsOf(path, text)
        .map(({ specifier }) => specifier)
        .filter((specifier) => specifier.startsWith("."))
        .filter((specifier) => !tree.texts.has(resolved(path, specifier)))
        .map((specifier) => `${path} imports ${specifier}, which is no file of this package`),
    );
}

function resolved(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

import { parseSync } from "oxc-parser";
import type { PackageTree } from "./package-tree.ts";

const INDEX_LINES = 30;
const README_LINES = 60;

// Who has read one store has read all, and so for backends: the same names in each.
const FAMILIES: readonly { readonly prefix: string; readonly files: readonly string[] }[] = [
  { prefix: "state-", files: ["src/store.ts", "src/options.ts", "src/errors.ts", "src/index.ts", "src/program.ts"] },
  { prefix: "backend-", files: ["src/backend.ts", "src/options.ts", "src/errors.ts", "src/index.ts"] },
  { prefix: "", files: ["src/index.ts", "README.md", "tsconfig.json", "tsconfig.build.json", "tsup.config.ts"] },
];

const MANIFEST = { license: "Apache-2.0", type: "module", sideEffects: false } as const;
const NODE = ">=20.19";

/** The files, the manifest, the README and each table of contents are as in every other package. */
export function layoutProblems(tree: PackageTree): readonly string[] {
  return [...familyProblems(tree), ...manifestProblems(tree), ...readmeProblems(tree), ...indexProblems(tree)];
}

function familyProblems(tree: PackageTree): readonly string[] {
  return FAMILIES.filter(({ prefix }) => tree.directory.startsWith(prefix))
    .flatMap(({ files }) => files)
    .filter((file) => !tree.texts.has(file))
    .map((file) => `has no ${file}, which its sisters have`);
}

function manifestProblems({ manifest, directory }: PackageTree): readonly string[] {
  const name = directory === "cli" ? "skyburst" : `@skyburst/${directory}`;
  const wrong = Object.entries({ ...MANIFEST, name }).filter(
    ([field, value]) => Reflect.get(manifest, field) !== value,
  );
  return [
    ...wrong.map(([field, value]) => `should have ${field}: ${JSON.stringify(value)} in package.json`),
    ...(manifest.engines?.node === NODE ? [] : [`should have engines.node: "${NODE}" in package.json`]),
    ...(manifest.description ? [] : ["has no description in package.json"]),
  ];
}

function readmeProblems({ texts, manifest }: PackageTree): readonly string[] {
  const readme = texts.get("README.md");
  if (readme === undefined) return [];
  return [
    ...(readme.startsWith(`# ${manifest.name}\n`)
      ? []
      : [`has a README that does not start with "# ${manifest.name}"`]),
    ...(/^```(ts|sh)\n/m.test(readme) ? [] : ["has a README without a snippet that runs (```ts or ```sh)"]),
    ...(readme.split("\n").length <= README_LINES ? [] : [`has a README of more than ${README_LINES} lines`]),
  ];
}

function indexProblems({ texts }: PackageTree): readonly string[] {
  return [...texts]
    .filter(([path]) => /^src\/(.*\/)?index\.ts$/.test(path))
    .flatMap(([path, text]) => [
      ...(text.trimEnd().split("\n").length <= INDEX_LINES ? [] : [`has more than ${INDEX_LINES} lines in ${path}`]),
      ...(onlyNamedReexports(path, text) ? [] : [`has more in ${path} than named re-exports`]),
    ]);
}

function onlyNamedReexports(path: string, text: string): boolean {
  const { body } = parseSync(path, text).program;
  return (
    body.length > 0 &&
    body.every((node) => node.type === "ExportNamedDeclaration" && node.source !== null && node.specifiers.length > 0)
  );
}

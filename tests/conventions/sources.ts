import { parseSync } from "oxc-parser";
import type { PackageTree } from "./package-tree.ts";

const FORBIDDEN: readonly { readonly pattern: RegExp; readonly because: string }[] = [
  { pattern: /\bas unknown as\b/, because: "casts by way of unknown" },
  { pattern: /\b(TODO|FIXME|XXX)\b/, because: "leaves something to do" },
  { pattern: /@ts-(ignore|nocheck)/, because: "switches the type checker off" },
];

/** What no source of ours may hold, and where a package's one error class stands. */
export function sourceProblems(tree: PackageTree): readonly string[] {
  const sources = [...tree.texts].filter(([path]) => path.startsWith("src/") && path.endsWith(".ts"));
  return sources.flatMap(([path, text]) => [
    ...FORBIDDEN.filter(({ pattern }) => pattern.test(text)).map(({ because }) => `${path} ${because}`),
    // Core's contracts each bring the error that implementations of them throw.
    ...(tree.directory === "core" ? [] : errorClassProblems(path, text)),
  ]);
}

function errorClassProblems(path: string, text: string): readonly string[] {
  if (/\.test(-d)?\.ts$/.test(path)) return [];
  const exported = parseSync(path, text).program.body.flatMap((node) =>
    node.type === "ExportNamedDeclaration" && node.declaration?.type === "ClassDeclaration" ? [node.declaration] : [],
  );
  const errors = exported.filter(
    ({ superClass }) => superClass?.type === "Identifier" && superClass.name.endsWith("Error"),
  );
  if (errors.length === 0) return [];
  if (path !== "src/errors.ts") return [`${path} exports an error class, which belongs to src/errors.ts`];
  return errors.length === 1 ? [] : ["src/errors.ts exports more than one error class"];
}

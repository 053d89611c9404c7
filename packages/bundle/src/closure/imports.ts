import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import type { AnyNode } from "acorn";
import { BundleError } from "../errors.ts";
import type { Edit } from "./edits.ts";
import { OFFSET } from "./read.ts";
import type { Closure } from "./read.ts";

export interface ClosureImports {
  /** What turns the text's imports into plain ones. */
  readonly edits: readonly Edit[];
  /** Whether the text imports packages, which only a bundle brings along. */
  readonly needsBundler: boolean;
}

/** What vite and vitest write for `import(…)`. */
export const DYNAMIC_IMPORT = /^__(?:vite_ssr|vi)_dynamic_import__$/;

/** The dynamic imports of a closure. One whose specifier is computed is left to find its module where it runs. */
export function closureImports({ nodes }: Closure, viteRoot: string): ClosureImports {
  const edits: Edit[] = [];
  let needsBundler = false;
  for (const { node } of nodes) {
    const found = dynamicImport(node);
    if (found === undefined) continue;
    if (found.callee !== undefined) edits.push(edit(found.callee, "import"));
    const wanted = literal(found.specifier);
    if (wanted === undefined || isBuiltin(wanted) || wanted.startsWith("data:")) continue;
    const bundled = packagePath(wanted, viteRoot);
    if (bundled === undefined) throw outOfReach(wanted);
    if (bundled !== wanted) edits.push(edit(found.specifier, JSON.stringify(bundled)));
    needsBundler = true;
  }
  return { edits, needsBundler };
}

interface DynamicImport {
  readonly specifier: AnyNode;
  /** Where it isn't a plain import: what must become one. */
  readonly callee?: AnyNode;
}

function dynamicImport(node: AnyNode): DynamicImport | undefined {
  if (node.type === "ImportExpression") return { specifier: node.source };
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || !DYNAMIC_IMPORT.test(node.callee.name)) {
    return undefined;
  }
  const [specifier] = node.arguments;
  return specifier === undefined ? undefined : { specifier, callee: node.callee };
}

function literal(node: AnyNode): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  return node.type === "TemplateLiteral" && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? undefined)
    : undefined;
}

/** The specifier by which the bundler finds a package; nothing if it is a file of the user's. */
function packagePath(specifier: string, viteRoot: string): string | undefined {
  if (!/^(?:[./\\#]|\w+:)/.test(specifier)) return specifier;
  if (!specifier.includes("/node_modules/")) return undefined;
  // Vite has resolved it already, and writes paths below its root as if from the root of the disk.
  const path = specifier.replace(/^\/@fs(?=\/)/, "").replace(/\?.*$/, "");
  return [path, join(viteRoot, path)].find((candidate) => existsSync(candidate));
}

function outOfReach(specifier: string): BundleError {
  return new BundleError(
    "unresolved",
    `The closure imports ${JSON.stringify(specifier)}, but its text doesn't say which file it was written in. Export the function from a module, where such imports are bundled, and name it there: task(import.meta.url, fn).`,
  );
}

function edit(node: AnyNode, text: string): Edit {
  return { start: node.start - OFFSET, end: node.end - OFFSET, text };
}

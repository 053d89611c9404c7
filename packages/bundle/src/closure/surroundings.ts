import type { AnyNode } from "acorn";
import { refused } from "./read.ts";
import type { Closure, VisitedNode } from "./read.ts";

const MODULE_PLACE = /^__(?:vite_ssr|vi)_import_meta__$/;

/** Refuses what a function has from where it was written or called, and what therefore doesn't travel with its text. */
export function refuseSurroundings(closure: Closure): void {
  for (const visited of closure.nodes) {
    const word = surroundings(visited, closure);
    if (word === undefined) continue;
    const { line } = visited.node.loc?.start ?? { line: 1 };
    throw refused(
      `it uses ${word} (line ${line}), which stays where it was written. Pass what it needs with the input`,
    );
  }
}

function surroundings({ node, ancestors }: VisitedNode, { root }: Closure): string | undefined {
  if (node.type === "MetaProperty" && node.meta.name === "import") return "import.meta";
  if (node.type === "Identifier" && MODULE_PLACE.test(node.name)) return "import.meta";
  if (!isOwn(ancestors, root)) return undefined;
  if (node.type === "ThisExpression") return "this";
  if (node.type === "Super") return "super";
  // A function has its own `arguments`, an arrow function that of the function around it.
  if (node.type === "Identifier" && node.name === "arguments" && root.type === "ArrowFunctionExpression")
    return "arguments";
  return undefined;
}

/** Whether `this` here is the closure's: no other function or class lies between. */
function isOwn(ancestors: readonly AnyNode[], root: AnyNode): boolean {
  return !ancestors.some((node) => node !== root && OWN_THIS.has(node.type));
}

const OWN_THIS: ReadonlySet<AnyNode["type"]> = new Set<AnyNode["type"]>([
  "FunctionDeclaration",
  "FunctionExpression",
  "PropertyDefinition",
  "StaticBlock",
]);

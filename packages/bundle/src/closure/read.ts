import { parse } from "acorn";
import type { ArrowFunctionExpression, AnyNode, FunctionExpression, MethodDefinition, Program } from "acorn";
import { fullAncestor } from "acorn-walk";
import { BundleError } from "../errors.ts";

export interface Closure {
  /** The function as an expression. Line numbers are those of the source. */
  readonly text: string;
  /** Of `(text)`. */
  readonly tree: Program;
  readonly root: ArrowFunctionExpression | FunctionExpression;
  /** Every node of the tree with its ancestors, outermost first, itself last. */
  readonly nodes: readonly VisitedNode[];
}

export interface VisitedNode {
  readonly node: AnyNode;
  readonly ancestors: readonly AnyNode[];
}

/** The text is parsed within a parenthesis: this far from where it starts. */
export const OFFSET = 1;

/** Reads what `fn.toString()` gives: an arrow function, a function expression, or a method in short form. */
export function readClosure(source: string): Closure {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    throw refused("it is native or bound, so its code can't be seen. Wrap it: (input) => fn(input)");
  }
  const text = isExpression(source) ? source : methodAsFunction(source);
  const tree = parseModule(`(${text}\n)`);
  const statement = tree.body[0];
  const root = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (tree.body.length !== 1 || (root?.type !== "ArrowFunctionExpression" && root?.type !== "FunctionExpression")) {
    throw refused(
      root?.type === "ClassExpression"
        ? "it is a class. Give a function that uses it"
        : "it is not the text of a function",
    );
  }
  if (root.generator)
    throw refused("it is a generator. A task returns one value: return an array, or move the loop to the caller");
  return { text, tree, root, nodes: visit(tree) };
}

function isExpression(source: string): boolean {
  return canParse(`(${source}\n)`) || !canParse(`(class {${source}\n})`);
}

/** `async double(x) { … }` becomes `async function (x) { … }`. */
function methodAsFunction(source: string): string {
  const tree = parseModule(`(class {${source}\n})`);
  const method = visit(tree).find(({ node }) => node.type === "MethodDefinition")?.node as MethodDefinition | undefined;
  if (method === undefined || method.kind === "get" || method.kind === "set") {
    throw refused("it is not a function but a getter, a setter or a field");
  }
  const { value } = method;
  const parameters = source.slice(value.start - "(class {".length);
  return `${value.async ? "async " : ""}function${value.generator ? "*" : ""} ${parameters}`;
}

function canParse(text: string): boolean {
  try {
    parseModule(text);
    return true;
  } catch {
    return false;
  }
}

function parseModule(text: string): Program {
  try {
    // `super` is refused in our own words.
    return parse(text, {
      ecmaVersion: "latest",
      sourceType: "module",
      ranges: true,
      locations: true,
      allowSuperOutsideMethod: true,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new BundleError("syntax", `The closure's text can't be read as JavaScript: ${message}.`, { cause });
  }
}

function visit(tree: Program): VisitedNode[] {
  const nodes: VisitedNode[] = [];
  fullAncestor(tree, (node, _, ancestors) => {
    nodes.push({ node, ancestors: [...ancestors] });
  });
  return nodes;
}

/** The error for a function that can't travel as text. */
export function refused(because: string): BundleError {
  return new BundleError("not-a-closure", `This function can't be sent as a closure: ${because}.`);
}

import { parseSync, Visitor } from "oxc-parser";

const RESOLVERS = /^(import\.meta\.resolve|(createRequire\([^()]*\)|require)(\.resolve)?)$/;

export interface Import {
  readonly specifier: string;
  /** `resolve` is a name given to `import.meta.resolve` or to a `require` and its `resolve`: as much a dependency. */
  readonly kind: "static" | "type" | "dynamic" | "resolve";
}

/** Everything that a module names of another: imports, re-exports, `import()` of values and of types. */
export function importsOf(path: string, source: string): readonly Import[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const found: Import[] = [];
  new Visitor({
    ImportDeclaration: (node) => {
      found.push({ specifier: node.source.value, kind: node.importKind === "type" ? "type" : "static" });
    },
    ExportNamedDeclaration: (node) => {
      if (node.source === null) return;
      found.push({ specifier: node.source.value, kind: node.exportKind === "type" ? "type" : "static" });
    },
    ExportAllDeclaration: (node) => {
      found.push({ specifier: node.source.value, kind: node.exportKind === "type" ? "type" : "static" });
    },
    ImportExpression: (node) => {
      if (node.source.type === "Literal") found.push({ specifier: String(node.source.value), kind: "dynamic" });
    },
    TSImportType: (node) => {
      found.push({ specifier: node.source.value, kind: "type" });
    },
    CallExpression: (node) => {
      const [name] = node.arguments;
      const called = source.slice(node.callee.start, node.callee.end);
      if (!RESOLVERS.test(called) || name?.type !== "Literal") return;
      found.push({ specifier: String(name.value), kind: "resolve" });
    },
  }).visit(program);
  return found;
}

/** Every string of a module, for what is named to a tool and not imported: `["--import", "tsx"]`. */
export function stringsOf(path: string, source: string): readonly string[] {
  const found: string[] = [];
  const { program } = parseSync(path, source);
  new Visitor({ Literal: (node) => void (typeof node.value === "string" && found.push(node.value)) }).visit(program);
  return found;
}

/** The package that a specifier is of; `undefined` for own files and what Node brings. */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|\/|node:|file:|data:)/.test(specifier)) return undefined;
  const [first = specifier, second] = specifier.split("/");
  return first.startsWith("@") && second !== undefined ? `${first}/${second}` : first;
}

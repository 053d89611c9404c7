/**
 * The program's first line: what the bundled code needs from its surroundings.
 *
 * `$skyburst_require` loads packages that stayed outside, by the worker's own way (`@skyburst/bundle/external`), else as the user's
 * module would. `require` is what CommonJS packages call for Node's modules and for names that they compute.
 */
export function preamble(code: string, origin: string, declarations: readonly string[]): string {
  const needsRequire = code.includes("__require") || code.includes("$skyburst_require");
  return [...(needsRequire ? requireLines(origin) : []), ...declarations].join(" ");
}

function requireLines(origin: string): string[] {
  return [
    'import { createRequire as $skyburst_createRequire } from "node:module";',
    `const $skyburst_origin = ${JSON.stringify(origin)};`,
    "const $skyburst_ownRequire = $skyburst_createRequire($skyburst_origin);",
    'const $skyburst_require = (name, via) => (globalThis[Symbol.for("skyburst.require")] ?? $skyburst_ownRequire)(name, via, $skyburst_origin);',
    "const require = Object.assign((name) => $skyburst_require(name, []), $skyburst_ownRequire);",
  ];
}

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { BuildRequest } from "../build.ts";
import type { External } from "../externals.ts";
import { LOCATION_DEFINES } from "../locations.ts";

/** The output's first line, put there to be replaced. */
export const PREAMBLE_LINE = "/* skyburst:preamble */";

const NO_BUNDLER = `
const refuse = () => { throw new Error("A task can't bundle: the bundler stays with the client."); };
export { refuse as bundleModule, refuse as bundleClosure, refuse as externalRequire };
export class BundleError extends Error {}`;

type Entry = Pick<BuildRequest, "entry" | "isWorker">;

/** What bundling and looking at the graph have in common. */
export function graphArguments({ entry, isWorker }: Entry, externals: readonly External[]): string[] {
  return [
    "--bundle",
    "--format=esm",
    "--platform=node",
    "--target=node20",
    // As TypeScript, esbuild would take a missing export for a type and leave it out without a word.
    "--loader=js",
    // Native code must not end the run: the graph is needed to know whom it belongs to.
    "--loader:.node=empty",
    // `core` loads the bundler on demand. A task never bundles, so it doesn't carry one.
    `--alias:@skyburst/bundle=${inlineModule(NO_BUNDLER, "@skyburst/bundle")}`,
    ...(isWorker
      ? [`--alias:@skyburst/bundle/external=${createRequire(import.meta.url).resolve("@skyburst/bundle/external")}`]
      : []),
    `--sourcefile=${entry}`,
    ...externals.flatMap(standIns),
  ];
}

/** Of the run that makes the program, to standard output. */
export function bundleArguments(
  request: Entry & Pick<BuildRequest, "directory">,
  externals: readonly External[],
): string[] {
  const { directory } = request;
  return [
    ...graphArguments(request, externals),
    "--charset=utf8",
    "--legal-comments=none",
    "--sourcemap=inline",
    // Lines and names need no copy of the sources, which would triple a program, and every thread that runs it decodes the map.
    "--sources-content=false",
    // Sources are found by their own URLs, wherever the program's file lies: a stack names a file that an editor opens.
    `--source-root=${pathToFileURL(`${directory}/`).href}`,
    `--banner:js=${PREAMBLE_LINE}`,
    ...LOCATION_DEFINES,
  ];
}

/**
 * A package that stays outside is replaced by a module that asks for it where the program runs. An `external` import would be
 * resolved from the program's own file, which lies in some cache.
 */
function standIns({ via, specifiers, isModule }: External): string[] {
  return specifiers.map((specifier) => {
    const load = `$skyburst_require(${JSON.stringify(specifier)}, ${JSON.stringify(via)})`;
    const cjs = inlineModule(`module.exports = ${load};`, specifier);
    return `--alias:${specifier}=${isModule ? inlineModule(asModule(cjs, load), specifier) : cjs}`;
  });
}

/** Whoever imports an ES module's default means that, not the namespace that `require` gives, nor the CommonJS twin as a whole. */
function asModule(cjs: string, load: string): string {
  return `export * from ${JSON.stringify(cjs)};
const loaded = ${load};
export default loaded?.__esModule || loaded?.[Symbol.toStringTag] === "Module" ? loaded.default : loaded;`;
}

/** The comment gives esbuild a name to call its variables by. */
function inlineModule(text: string, name?: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}${name === undefined ? "" : `//${name}`}`;
}

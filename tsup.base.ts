import type { Options } from "tsup";

/** The options of every published package: ESM for Node 20, declarations come from `tsc`. */
export function library(entry: Record<string, string>, more: Options = {}): Options {
  return {
    entry,
    format: "esm",
    target: "node20",
    platform: "node",
    splitting: true,
    // Node knows some of its modules by `node:` only.
    removeNodeProtocol: false,
    sourcemap: true,
    dts: false,
    clean: true,
    silent: true,
    ...more,
  };
}

/** A package with a store: its library, and the worker with this store, one file that needs nothing beside it. */
export function storeLibrary(): Options[] {
  return [
    library({ index: "src/index.ts" }, { clean: ["!program.mjs", "!program.mjs.map"] }),
    library(
      { program: "src/program.ts" },
      {
        clean: false,
        splitting: false,
        minify: true,
        noExternal: [/.*/],
        outExtension: () => ({ js: ".mjs" }),
      },
    ),
  ];
}

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

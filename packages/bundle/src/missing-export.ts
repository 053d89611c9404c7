import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { BundleError } from "./errors.ts";
import { runEsbuild } from "./esbuild/run.ts";
import { didYouMean } from "./nearest.ts";
import { inScratch } from "./scratch.ts";

export interface MissingExport {
  readonly file: string;
  readonly directory: string;
  readonly name: string;
  readonly cause: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** The error that says which exports there are. Costs a run of esbuild, which only those wait for who made the mistake. */
export async function missingExport({ file, directory, name, cause, signal }: MissingExport): Promise<BundleError> {
  const names = await exportsOf(file, directory, signal);
  const shown = relative("", file).startsWith("..") ? file : relative("", file);
  const others =
    names.length === 0 ? "It exports nothing that shows without running it." : `It exports ${names.join(", ")}.`;
  return new BundleError("no-export", `${shown} has no export "${name}".${didYouMean(name, names)} ${others}`, {
    cause,
    names,
  });
}

function exportsOf(file: string, directory: string, signal: AbortSignal | undefined): Promise<string[]> {
  return inScratch(async (scratch) => {
    const graph = join(scratch, "graph.json");
    const output = [`--outfile=${join(scratch, "module.mjs")}`, `--metafile=${graph}`];
    // Packages needn't be read for this. `export * from` a package therefore adds no names.
    const look = [
      "--bundle",
      "--format=esm",
      "--platform=node",
      "--target=node20",
      "--packages=external",
      "--loader:.node=empty",
    ];
    const result = await runEsbuild({ arguments: [file, ...look, ...output], directory, signal });
    if (!result.ok) return [];
    const { outputs } = JSON.parse(await readFile(graph, "utf8")) as Outputs;
    return Object.values(outputs).flatMap(({ exports }) => exports ?? []);
  });
}

interface Outputs {
  readonly outputs: Readonly<Record<string, { readonly exports?: readonly string[] }>>;
}

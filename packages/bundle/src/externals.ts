import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BuildRequest } from "./build.ts";
import { graphArguments } from "./esbuild/arguments.ts";
import { runEsbuild } from "./esbuild/run.ts";
import { failure } from "./failure.ts";
import { packageDirectory, packageName } from "./packages.ts";
import { inScratch } from "./scratch.ts";

/** A package that stays outside the program. */
export interface External {
  readonly name: string;
  /** The packages through which it is reached, outermost first: under strict layouts only they can find it. */
  readonly via: readonly string[];
  /** All that is imported of it, such as `pkg` and `pkg/fast`. */
  readonly specifiers: readonly string[];
  /** Whether it is an ES module. */
  readonly isModule: boolean;
}

/** What of esbuild's metafile is used. */
interface Graph {
  readonly inputs: Readonly<Record<string, { readonly format?: string; readonly imports: readonly GraphImport[] }>>;
}
interface GraphImport {
  readonly path: string;
  readonly original?: string;
}

/** Of the packages in `native`, those that are reached without passing another one, sorted by name. */
export async function findExternals(
  request: BuildRequest,
  native: ReadonlySet<string>,
  absent: readonly External[],
): Promise<External[]> {
  return externalsOf(await readGraph(request, absent), native, request);
}

function readGraph(request: BuildRequest, absent: readonly External[]): Promise<Graph> {
  return inScratch(async (scratch) => {
    const graph = join(scratch, "graph.json");
    const result = await runEsbuild({
      arguments: [
        ...graphArguments(request, absent),
        `--outfile=${join(scratch, "program.mjs")}`,
        `--metafile=${graph}`,
      ],
      directory: request.directory,
      input: request.contents,
      signal: request.signal,
    });
    if (!result.ok) throw failure(result, request);
    return JSON.parse(await readFile(graph, "utf8")) as Graph;
  });
}

/** Walks the graph breadth first, so that `via` is the shortest way. Pure. */
export function externalsOf(
  graph: Graph,
  native: ReadonlySet<string>,
  { entry, directory }: Pick<BuildRequest, "entry" | "directory">,
): External[] {
  const found = new Map<string, { via: readonly string[]; specifiers: Set<string>; isModule: boolean }>();
  const seen = new Set<string>([entry]);
  const queue: { input: string; via: readonly string[] }[] = [{ input: entry, via: [] }];
  for (const { input, via } of queue) {
    const from = packageDirectory(resolve(directory, input));
    for (const { path, original = path } of graph.inputs[input]?.imports ?? []) {
      const target = graph.inputs[path];
      if (target === undefined) continue;
      const into = packageDirectory(resolve(directory, path));
      const name = into === from ? undefined : packageName(original);
      if (into !== undefined && name !== undefined && native.has(into)) {
        const external = found.get(name) ?? { via, specifiers: new Set(), isModule: target.format === "esm" };
        found.set(name, external);
        external.specifiers.add(original);
      } else if (!seen.has(path)) {
        seen.add(path);
        queue.push({ input: path, via: name === undefined ? via : [...via, name] });
      }
    }
  }
  return [...found]
    .map(([name, external]) => ({ ...external, name, specifiers: [...external.specifiers].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

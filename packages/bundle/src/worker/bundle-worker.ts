import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "../build.ts";
import { BundleError } from "../errors.ts";
import { packageName } from "../packages.ts";
import { projectDirectory } from "../project.ts";
import { referencedModule, withReference } from "../reference.ts";
import { cacheDirectory, cachedWorker, keepWorker } from "./cache.ts";
import type { CachedWorker } from "./cache.ts";

export interface BundleWorkerOptions {
  /** Module of the store: a package, or a file by its URL. It exports `open(options)`. */
  readonly module: string;
  /** Where packages are looked for, one after the other. Default: from the program that runs, and from the working directory. */
  readonly from?: readonly string[] | undefined;
  /** Default: `skyburst` in `$XDG_CACHE_HOME`, else in `~/.cache`. */
  readonly cache?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The worker program for a store that brings none: worker and store in one file, started as `node FILE ARGS`. It is kept in
 * the cache, and bundled again when a file has changed that it was made of.
 *
 * Rejects with a {@link BundleError}, or with the signal's reason when it is aborted.
 */
export async function bundleWorker(options: BundleWorkerOptions): Promise<CachedWorker> {
  const { module, from = startingPoints(), cache = cacheDirectory(), signal } = options;
  signal?.throwIfAborted();
  const path = await referencedModule(module);
  const directory = path === module ? directoryWith(module, from) : projectDirectory(dirname(path));
  const contents = program(module, workerModule(module, [directory, ...from]));
  const key = JSON.stringify([contents, path, directory]);
  const known = await cachedWorker(cache, key);
  if (known !== undefined) return known;
  const request = { contents, entry: ENTRY, directory, signal, isWorker: true };
  const origin = pathToFileURL(path === module ? join(directory, "package.json") : path).href;
  const line = `import { open } from ${JSON.stringify(path)};`;
  return keepWorker(cache, key, directory, await build(withReference({ ...request, origin }, module, line)));
}

/** The entry module's name in esbuild's report. No file is called that. */
const ENTRY = "<worker>";

/** Its own place is taken apart from `import.meta`, which the modules of a bundle have each their own of. */
function program(module: string, worker: string): string {
  return `import { main } from ${JSON.stringify(worker)};
const { url } = import.meta;
await main({ module: ${JSON.stringify(module)}, store: (options) => open(options), program: url });`;
}

function startingPoints(): string[] {
  const { argv } = process;
  return [...(argv[1] === undefined ? [] : [dirname(resolve(argv[1]))]), process.cwd()];
}

/** The first directory from which the package is found. */
function directoryWith(specifier: string, from: readonly string[]): string {
  const name = packageName(specifier) ?? specifier;
  const found = from.find((start) =>
    createRequire(join(start, "package.json"))
      .resolve.paths(name)
      ?.some((at) => existsSync(join(at, name, "package.json"))),
  );
  if (found !== undefined) return projectDirectory(found);
  throw new BundleError(
    "no-module",
    `The package ${JSON.stringify(name)} can't be found from ${from.join(" or ")}: install it there, or give the module's own import.meta.url.`,
  );
}

/** Not a dependency: stores that bring their program need it as little as who runs no worker of their own making. */
const WORKER = "@skyburst/worker";

function workerModule(module: string, from: readonly string[]): string {
  for (const start of [...from, fileURLToPath(new URL(".", import.meta.url))]) {
    try {
      return createRequire(join(start, "package.json")).resolve(WORKER);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    }
  }
  throw new BundleError(
    "no-worker",
    `The store ${module} brings no worker program, and to bundle one takes ${WORKER}, which isn't installed: npm install ${WORKER}`,
  );
}

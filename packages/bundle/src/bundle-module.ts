import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "./build.ts";
import { BundleError } from "./errors.ts";
import { missingExport } from "./missing-export.ts";
import { didYouMean } from "./nearest.ts";
import { projectDirectory } from "./project.ts";
import type { Program } from "./program.ts";

/** The entry module's name in esbuild's report. No file is called that. */
const ENTRY = "<task>";

export interface BundleModuleOptions {
  /** `file:` URL of the user's module, TypeScript or JavaScript. Query and fragment are ignored. */
  readonly url: string;
  /**
   * The export that is the task; `default` works as well. Whether it is a function shows only where it is loaded. `*`: the
   * program's export is an object of all of them.
   */
  readonly export: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bundles a module and all it imports into one program whose export `task` is the module's export `options.export`.
 *
 * Rejects with a {@link BundleError}, or with the signal's reason when it is aborted. Prints nothing and leaves no file behind.
 */
export async function bundleModule(options: BundleModuleOptions): Promise<Program> {
  options.signal?.throwIfAborted();
  const file = await moduleFile(options.url);
  const directory = projectDirectory(dirname(file));
  const { signal } = options;
  const exported = options.export === "*" ? "* as task" : `{ ${exportName(options.export)} as task }`;
  const contents = `export ${exported} from ${JSON.stringify(file)};`;
  try {
    return await build({ contents, entry: ENTRY, directory, origin: pathToFileURL(file).href, signal });
  } catch (error) {
    throw error instanceof BundleError && error.code === "no-export"
      ? await missingExport({ file, directory, name: options.export, signal, cause: error.cause })
      : error;
  }
}

async function moduleFile(url: string): Promise<string> {
  if (!URL.canParse(url) || new URL(url).protocol !== "file:") {
    throw new BundleError(
      "no-module",
      `Can't bundle ${JSON.stringify(url)}: only files are bundled, so give the module's file: URL (import.meta.url is one).`,
    );
  }
  const { pathname } = new URL(url);
  const path = fileURLToPath(`file://${pathname}`);
  try {
    // esbuild follows links to modules too: the project is the one that the real file belongs to.
    const file = await realpath(path);
    if ((await stat(file)).isFile()) return file;
  } catch (cause) {
    throw new BundleError("no-module", `There is no file ${path}.${await didYouMeanFile(path)}`, { cause });
  }
  throw new BundleError("no-module", `${path} is not a file: name the module itself, such as ${path}/index.ts.`);
}

async function didYouMeanFile(path: string): Promise<string> {
  const beside = await readdir(dirname(path)).catch(() => []);
  const sameName = beside.find((name) => basename(name, extname(name)) === basename(path, extname(path)));
  return sameName === undefined ? didYouMean(basename(path), beside) : ` Did you mean ${sameName}?`;
}

/** Export names may be any string; those that aren't identifiers are written as strings. */
function exportName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) ? name : JSON.stringify(name);
}

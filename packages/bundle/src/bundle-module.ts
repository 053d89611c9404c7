import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.ts";
import { BundleError } from "./errors.ts";
import { missingExport } from "./missing-export.ts";
import { moduleFile } from "./module-file.ts";
import { projectDirectory } from "./project.ts";
import type { Program } from "./program.ts";
import { withSerializer } from "./reference.ts";
import type { Reference } from "./reference.ts";

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
  /** How the task's values travel, when not by the built-in serializer: the program's export `serializer`. */
  readonly serializer?: Reference | undefined;
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
  const { serializer, signal } = options;
  const exported = options.export === "*" ? "* as task" : `{ ${exportName(options.export)} as task }`;
  const contents = `export ${exported} from ${JSON.stringify(file)};`;
  const request = { contents, entry: ENTRY, directory, origin: pathToFileURL(file).href, signal };
  try {
    return await build(await withSerializer(request, serializer));
  } catch (error) {
    throw error instanceof BundleError && error.code === "no-export"
      ? await missingExport({ file, directory, name: options.export, signal, cause: error.cause })
      : error;
  }
}

/** Export names may be any string; those that aren't identifiers are written as strings. */
function exportName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) ? name : JSON.stringify(name);
}

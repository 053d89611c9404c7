import type { BuildRequest } from "./build.ts";
import { BundleError } from "./errors.ts";
import { moduleFile } from "./module-file.ts";
import { packageName } from "./packages.ts";

/** A module by which something is opened again in another process: it exports `open(options)`. */
export interface Reference {
  /** A package as the project's own modules import it, or the module's `file:` URL (`import.meta.url` is one). */
  readonly module: string;
  /** JSON. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What follows `import { open } from`: the package, or the path of the file. */
export async function referencedModule(module: string): Promise<string> {
  if (module.startsWith("file:")) return moduleFile(module);
  if (packageName(module) !== undefined) return module;
  throw new BundleError(
    "no-module",
    `The reference's module is ${JSON.stringify(module)}: give a package's name, or the module's own import.meta.url.`,
  );
}

/** The request of a program that also exports `serializer`: a reference, and the `open` of its module. It is opened where the program runs. */
export async function withSerializer(request: BuildRequest, reference: Reference | undefined): Promise<BuildRequest> {
  if (reference === undefined) return request;
  const { module, options } = reference;
  const from = JSON.stringify(await referencedModule(module));
  const named = `module: ${JSON.stringify(module)}, options: ${JSON.stringify(options)}`;
  const line = `import { open as $skyburst_open } from ${from}; export const serializer = { ${named}, open: $skyburst_open };`;
  return withReference(request, module, line);
}

/** One more line at the end of the entry: what goes wrong there is told in the reference's words. */
export function withReference(request: BuildRequest, module: string, line: string): BuildRequest {
  const contents = `${request.contents.trimEnd()}\n${line}\n`;
  return { ...request, contents, reference: { module, line: contents.split("\n").length - 1 } };
}

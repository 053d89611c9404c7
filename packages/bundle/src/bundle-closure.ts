import type { Program } from "./program.ts";
import type { Reference } from "./reference.ts";

export interface BundleClosureOptions {
  /** What stacks call the closure's text, as in `closure:2:9`. Default `closure`. */
  readonly name?: string | undefined;
  /** Where packages are found that the closure imports. Default: the working directory. */
  readonly directory?: string | undefined;
  /** How its values travel, when not by the built-in serializer: the program's export `serializer`. */
  readonly serializer?: Reference | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a program of a function's own text, as `fn.toString()` gives it. It can't bring along what it uses from the scope around it:
 * that is refused, by name. No bundler runs, unless the text says `import("package")` or there is a serializer: a package is bundled as
 * found from `options.directory`.
 *
 * Rejects with a {@link BundleError}, or with the signal's reason when it is aborted.
 */
export async function bundleClosure(source: string, options: BundleClosureOptions = {}): Promise<Program> {
  options.signal?.throwIfAborted();
  // The parser is loaded for closures only: who bundles modules doesn't wait for it.
  const { closureProgram } = await import("./closure/program.ts");
  return closureProgram(source, options);
}

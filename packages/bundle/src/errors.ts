/**
 * Why a program can't be made, or can't be completed where it runs.
 *
 * - `no-module`: the URL names no file that could be bundled.
 * - `no-export`: the module has no such export.
 * - `no-open`: the module of a reference has no export `open`.
 * - `syntax`: a file, or the closure's text, can't be read as JavaScript or TypeScript.
 * - `unresolved`: an import leads nowhere, or to a file of a kind that can't be bundled.
 * - `not-a-closure`: the source is no function that could run by itself (a class, a generator, a native or bound function, one that needs `this`).
 * - `free-variables`: the closure uses names from the scope around it; they are in {@link BundleError.names}.
 * - `no-worker`: a worker is to be bundled, and its package isn't installed.
 * - `no-cache`: what was bundled can't be kept.
 * - `no-bundler`: esbuild isn't installed for this platform, or died.
 * - `MODULE_NOT_FOUND`: where the program runs, a package that was left out of it is missing. Node's own code, because packages with
 *   optional dependencies look at it.
 * - `package-failed`: that package is there, but doesn't load.
 */
export type BundleErrorCode =
  | "no-module"
  | "no-export"
  | "no-open"
  | "syntax"
  | "unresolved"
  | "not-a-closure"
  | "free-variables"
  | "no-worker"
  | "no-cache"
  | "no-bundler"
  | "MODULE_NOT_FOUND"
  | "package-failed";

/** The one error of this package. `message` is one line and says what to do next; where esbuild refused, `cause` holds its whole report. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  readonly code: BundleErrorCode;
  /** Always `false`: the same sources fail again. */
  readonly retryable = false;
  /** The names that the message speaks of: free variables, or the module's exports for `no-export`. Else empty. */
  readonly names: readonly string[];

  constructor(code: BundleErrorCode, message: string, options: { cause?: unknown; names?: readonly string[] } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.names = options.names ?? [];
  }
}

import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { BundleError } from "./errors.ts";

/**
 * Loads a package that stayed outside a program. A program calls what it finds at `globalThis[Symbol.for("skyburst.require")]`.
 * `via` names the packages through which it is reached, outermost first; `origin` is the `file:` URL of the user's module.
 */
export type ExternalRequire = (specifier: string, via?: readonly string[], origin?: string) => unknown;

/**
 * The function to put at `globalThis[Symbol.for("skyburst.require")]` of a thread, before it imports a program. It looks in `from`
 * (the directory whose `node_modules` hold the packages; none: skip), then where the user's own module looks, which is there only on
 * the user's machine. Throws a {@link BundleError}: `MODULE_NOT_FOUND` names the missing package, `package-failed` the one that
 * doesn't load here. This entry loads no bundler.
 */
export function externalRequire(from?: string): ExternalRequire {
  return (specifier, via = [], origin) => {
    const starts = [
      ...(from === undefined ? [] : [resolve(from, "package.json")]),
      ...(origin === undefined ? [] : [origin]),
    ];
    for (const start of starts) {
      // Where everything lies flat, the package is found without the detour as well.
      for (const require of [requireVia(start, via), createRequire(start)]) {
        const path = require === undefined ? undefined : find(require, specifier);
        if (require !== undefined && path !== undefined) return attempt(specifier, () => require(path));
      }
    }
    throw missing(specifier, starts);
  };
}

/** The `require` of the last of `via`, found as Node does, but whatever that package's `exports` hide. */
function requireVia(start: string, via: readonly string[]): NodeJS.Require | undefined {
  let require = createRequire(start);
  for (const name of via) {
    const manifest = (require.resolve.paths(name) ?? [])
      .map((at) => join(at, name, "package.json"))
      .find((path) => existsSync(path));
    if (manifest === undefined) return undefined;
    require = createRequire(realpathSync(manifest));
  }
  return require;
}

/** Where a package lies; nothing if it isn't there. One that is there and hides what is asked for has failed. */
function find(require: NodeJS.Require, specifier: string): string | undefined {
  return attempt(specifier, () => {
    try {
      return require.resolve(specifier);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
      throw error;
    }
  });
}

function attempt<T>(specifier: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BundleError(
      "package-failed",
      `The task needs the package "${specifier}", which can't be part of its program and doesn't load on ${process.platform}-${process.arch}: ${reason}`,
      { cause, names: [specifier] },
    );
  }
}

function missing(specifier: string, starts: readonly string[]): BundleError {
  return new BundleError(
    "MODULE_NOT_FOUND",
    `The task needs the package "${specifier}", which can't be part of its program (it has native code, or its name is computed) and isn't installed here: looked from ${starts.join(" and ")}. Install it where the worker runs.`,
    { names: [specifier] },
  );
}

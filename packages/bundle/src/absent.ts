import { resolve } from "node:path";
import type { Message } from "./esbuild/messages.ts";
import type { External } from "./externals.ts";
import { packageDirectory, packageName } from "./packages.ts";

/**
 * Packages ask for others that are installed only where they are used, such as every database's driver. What one of the bundled
 * packages can't find is therefore left to be missed when it is asked for. In the user's own modules it is an error, and so is a
 * file that a package misses of its own: then nothing is given.
 */
export function absentPackages(messages: readonly Message[], directory: string): External[] {
  const absent = new Map<string, External>();
  for (const { text, location } of messages.filter(({ kind }) => kind === "error")) {
    const specifier = /^Could not resolve "(.+)"/.exec(text)?.[1];
    const name = specifier === undefined ? undefined : packageName(specifier);
    const asker = location === undefined ? undefined : packageDirectory(resolve(directory, location.file));
    if (specifier === undefined || name === undefined || asker === undefined) return [];
    absent.set(specifier, { name, via: [nameOfDirectory(asker)], specifiers: [specifier], isModule: false });
  }
  return [...absent.values()];
}

/** The line that tells of it. */
export function absentWarning({ via, specifiers }: External): string {
  return `The package "${via.join(", ")}" can ask for "${specifiers.join(", ")}", which is not installed: a task that gets there fails.`;
}

function nameOfDirectory(directory: string): string {
  return directory.replace(/^.*[\\/]node_modules[\\/]/, "").replaceAll("\\", "/");
}

import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BundleError } from "../errors.ts";
import { moduleStarts } from "../esbuild/modules.ts";
import type { Program } from "../program.ts";
import { projectDirectory } from "../project.ts";

/** A worker program as a file on this machine. */
export interface CachedWorker {
  readonly sha256: string;
  /** `file:` URL. */
  readonly url: string;
}

/** What a program was made of: each file with its SHA-256. */
interface Recipe {
  readonly program: string;
  readonly inputs: readonly (readonly [path: string, sha256: string])[];
}

/** What nobody asked for this long is removed, in milliseconds: longer than any session runs. */
const unused = 30 * 86_400_000;

export function cacheDirectory(): string {
  const { XDG_CACHE_HOME } = process.env;
  return join(
    XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === "" ? join(homedir(), ".cache") : XDG_CACHE_HOME,
    "skyburst",
  );
}

/** The program that was made for this key, if all that it was made of is still as it was. */
export async function cachedWorker(cache: string, key: string): Promise<CachedWorker | undefined> {
  const paths = pathsOf(cache, key);
  try {
    const { program, inputs } = JSON.parse(await readFile(paths.recipe, "utf8")) as Recipe;
    const file = paths.program(program);
    const found = await Promise.all([[file, program] as const, ...inputs].map(isUnchanged));
    if (found.includes(false)) return undefined;
    const now = new Date();
    await Promise.all([paths.recipe, file].map((path) => utimes(path, now, now)));
    return { sha256: program, url: pathToFileURL(file).href };
  } catch {
    // Not there, or not whole: what is made anew takes its place.
    return undefined;
  }
}

/** Keeps a program that was bundled in `directory`. */
export async function keepWorker(
  cache: string,
  key: string,
  directory: string,
  program: Program,
): Promise<CachedWorker> {
  const paths = pathsOf(cache, key);
  const file = paths.program(program.sha256);
  const inputs = await Promise.all(
    [...inputsOf(program, directory)].map(async (path) => [path, hash(await readFile(path))] as const),
  );
  const recipe: Recipe = { program: program.sha256, inputs };
  try {
    await mkdir(dirname(file), { recursive: true });
    await removeUnused(dirname(file));
    await replace(file, program.bytes);
    await replace(paths.recipe, JSON.stringify(recipe));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BundleError(
      "no-cache",
      `The worker program can't be kept in ${cache}: ${reason}. Set XDG_CACHE_HOME to a directory that can be written.`,
      { cause },
    );
  }
  return { sha256: program.sha256, url: pathToFileURL(file).href };
}

function pathsOf(cache: string, key: string) {
  const directory = join(cache, "worker");
  return {
    recipe: join(directory, `${hash(key)}.json`),
    program: (sha256: string) => join(directory, `${sha256}.mjs`),
  };
}

async function isUnchanged([path, sha256]: readonly [path: string, sha256: string]): Promise<boolean> {
  return hash(await readFile(path)) === sha256;
}

/** Every module, and each package.json that says what a name leads to. */
function inputsOf({ bytes }: Program, directory: string): ReadonlySet<string> {
  const files = moduleStarts(new TextDecoder().decode(bytes))
    .map(({ path }) => resolve(directory, path))
    .filter((path) => existsSync(path) && statSync(path).isFile());
  const manifests = files.map((path) => join(projectDirectory(dirname(path)), "package.json")).filter(existsSync);
  return new Set([...files, ...manifests]);
}

/** Whole or not at all, whoever else writes the same. */
async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

async function removeUnused(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const modified = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (modified < Date.now() - unused) await rm(path, { force: true });
  }
}

function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { StateStore } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import type * as stateS3Module from "@skyburst/state-s3";
import { CliError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/**
 * The store that `--store` names: a directory, or `s3://bucket/prefix?endpoint=…&region=…`.
 *
 * @throws {CliError} `usage`
 */
export async function storeAt(text: string): Promise<StateStore> {
  // A scheme has two letters at least: `c:\jobs` is a path.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return directory(text);
  if (scheme === "file") return directory(fileURLToPath(text));
  if (scheme === "s3") return bucketAt(text);
  throw new CliError(
    "usage",
    `--store ${text}: there is no store for ${scheme}: to be named here.${didYouMean(scheme, ["s3", "file"])} Give a directory (a path, or file:///path) or s3://bucket/prefix, or compose the store in skyburst.config.ts.`,
  );
}

/** What may stand behind the question mark. */
const known = ["endpoint", "region", "forcePathStyle"];

async function bucketAt(text: string): Promise<StateStore> {
  const refuse = (why: string) => new CliError("usage", `--store ${text}: ${why}`);
  const [, bucket, path = "", query = ""] = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text) ?? [];
  if (bucket === undefined || bucket === "") throw refuse("there is no bucket in it. Give s3://bucket/prefix.");
  const options: Record<string, string | boolean> = { bucket };
  if (path !== "") options.prefix = decoded(path, refuse);
  for (const [name, value] of new URLSearchParams(query)) {
    if (!known.includes(name))
      throw refuse(
        `there is no option ${JSON.stringify(name)}.${didYouMean(name, known)} There are ${known.join(", ")}.`,
      );
    if (value === "") throw refuse(`${name} has no value.`);
    options[name] = name === "forcePathStyle" ? flag(value, refuse) : value;
  }
  const { s3 } = await stateS3(refuse);
  return s3({ bucket, ...options });
}

type Refuse = (why: string) => CliError;

function decoded(path: string, refuse: Refuse): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refuse("the prefix has a % that is no escape. Write %25 for a percent sign.");
  }
}

function flag(value: string, refuse: Refuse): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw refuse(`forcePathStyle is ${JSON.stringify(value)}: give true or false.`);
}

type StateS3 = typeof stateS3Module;

/** Not a dependency: it brings an SDK of many megabytes, and most jobs need none. The project's own comes first. */
async function stateS3(refuse: Refuse): Promise<StateS3> {
  for (const from of [pathToFileURL(join(process.cwd(), "package.json")).href, import.meta.url]) {
    try {
      const path = createRequire(from).resolve("@skyburst/state-s3");
      return (await import(pathToFileURL(path).href)) as StateS3;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    }
  }
  throw refuse("the package for S3 is not installed. Run: npm install @skyburst/state-s3");
}

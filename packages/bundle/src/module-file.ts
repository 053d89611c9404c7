import { realpathSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { BundleError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/** The file that a `file:` URL names, links followed. Query and fragment are ignored. */
export async function moduleFile(url: string): Promise<string> {
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
    const file = realpathSync(path);
    if (statSync(file).isFile()) return file;
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

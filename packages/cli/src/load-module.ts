import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CliError } from "./errors.ts";

/**
 * What a file exports under a name; `*`: an object of all that it exports. The file is bundled as a task is, so that
 * TypeScript works on every Node, wherever the file and what it imports may be.
 */
export async function loadModule(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw new CliError("usage", `${path}: there is no such file.`);
  const { bundleModule } = await import("@skyburst/bundle");
  try {
    const { bytes } = await bundleModule({ url: pathToFileURL(resolve(path)).href, export: name });
    const module: { readonly task?: unknown } = await import(
      `data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`
    );
    return module.task;
  } catch (cause) {
    throw new CliError("usage", `${path} can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

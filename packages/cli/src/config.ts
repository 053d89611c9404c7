import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "./define-config.ts";
import { CliError } from "./errors.ts";

const names = ["skyburst.config.ts", "skyburst.config.mts", "skyburst.config.js", "skyburst.config.mjs"];

/** The configuration that is named, or the one of the working directory; empty when there is none. */
export async function loadConfig(named: string | undefined): Promise<Config> {
  const path = named === undefined ? names.find((name) => existsSync(name)) : named;
  if (path === undefined) return {};
  if (!existsSync(path)) throw new CliError("usage", `--config ${path}: there is no such file.`);
  const config = await read(resolve(path));
  check(path, config);
  return config;
}

/** Bundled as a task is, so that TypeScript works on every Node, wherever the file and what it imports may be. */
async function read(path: string): Promise<unknown> {
  const { bundleModule } = await import("@skyburst/bundle");
  try {
    const { bytes } = await bundleModule({ url: pathToFileURL(path).href, export: "default" });
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

const known: ReadonlySet<string> = new Set(["backend", "store", "workers", "slots", "spec", "timeout", "retries"]);

function check(path: string, config: unknown): asserts config is Config {
  if (typeof config !== "object" || config === null)
    throw new CliError("usage", `${path} has to export by default what defineConfig({ … }) gives.`);
  const unknown = Object.keys(config).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new CliError(
      "usage",
      `${path}: there is no option ${JSON.stringify(unknown)}. There are ${[...known].join(", ")}.`,
    );
}

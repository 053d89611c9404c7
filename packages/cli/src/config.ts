import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { configNames } from "./config-names.ts";
import type { Config } from "./define-config.ts";
import { CliError } from "./errors.ts";
import { loadModule } from "./load-module.ts";

/** The configuration that is named, or the one of the working directory; empty when there is none. */
export async function loadConfig(named: string | undefined): Promise<Config> {
  const path = named === undefined ? configNames.find((name) => existsSync(name)) : named;
  if (path === undefined) return {};
  if (!existsSync(path)) throw new CliError("usage", `--config ${path}: there is no such file.`);
  const config = await loadModule(resolve(path), "default");
  check(path, config);
  return config;
}

const known: ReadonlySet<string> = new Set([
  "backend",
  "backends",
  "store",
  "costs",
  "workers",
  "slots",
  "spec",
  "secrets",
  "timeout",
  "retries",
  "memoryOnOom",
  "deadline",
  "idleTimeout",
  "budget",
  "warnAt",
  "maxRate",
  "startTimeout",
]);

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

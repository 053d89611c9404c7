import { local } from "@skyburst/backend-local";
import type { Backend } from "@skyburst/core";
import { CliError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/** What `--backend` names: one of the configuration's `backends`, or this machine. @throws {CliError} `usage` */
export function backendNamed(name: string, backends: Readonly<Record<string, Backend>>): Backend {
  const named = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (named !== undefined) return named;
  if (name === "local") return local();
  const known = [...new Set([...Object.keys(backends), "local"])];
  throw new CliError(
    "usage",
    known.length === 1
      ? `--backend ${name}: there is only "local" to be named; others are named by \`backends\` in skyburst.config.ts.`
      : `--backend ${name}: there is none of that name.${didYouMean(name, known)} There are ${known.join(", ")}.`,
  );
}

import { local } from "@skyburst/backend-local";
import type { Backend } from "@skyburst/core";
import { CliError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/** What `--backend` names: one of the configuration's `backends`, or one that needs no setting. @throws {CliError} `usage` */
export async function backendNamed(name: string, backends: Readonly<Record<string, Backend>>): Promise<Backend> {
  const named = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (named !== undefined) return named;
  if (name === "local") return local();
  if (name === "docker") return (await import("./docker-backend.ts")).docker();
  const known = [...new Set([...Object.keys(backends), "local", "docker"])];
  throw new CliError(
    "usage",
    `--backend ${name}: there is none of that name.${didYouMean(name, known)} There are ${known.join(", ")}; others are named by \`backends\` in skyburst.config.ts.`,
  );
}

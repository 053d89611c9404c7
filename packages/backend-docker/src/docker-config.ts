import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DockerBackendError } from "./errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Folder in which the docker command keeps what it was told. */
export function configurationFolder(env: Environment): string {
  return env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), ".docker");
}

/** The configuration of the docker command; undefined where it has none. @throws {DockerBackendError} `option`: it is no JSON. */
export function readConfiguration(env: Environment): Readonly<Record<string, unknown>> | undefined {
  return readJson(join(configurationFolder(env), "config.json"));
}

/** A file of the docker command; undefined: there is none. @throws {DockerBackendError} `option`: it is no JSON. */
export function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new DockerBackendError("option", `${path} is not the JSON that the docker command writes there.`, { cause });
  }
}

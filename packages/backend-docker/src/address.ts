import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { configurationFolder, readConfiguration, readJson } from "./docker-config.ts";
import type { Environment } from "./docker-config.ts";
import { DockerBackendError } from "./errors.ts";
import type { DockerOptions } from "./options.ts";

/** Where an engine is, and who says so. */
export type EngineAddress = {
  /** As a message names it. */
  readonly text: string;
  /** Who said so, as `DOCKER_HOST`. */
  readonly source: string;
  /** Where none is either. */
  readonly looked?: readonly string[];
} & (
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: Tls }
  | { readonly kind: "ssh"; readonly target: string; readonly port?: string }
);

/** Certificates, as text. */
interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Finds the engine as the docker command does: what is given; `DOCKER_HOST`; the context of `DOCKER_CONTEXT`, or the current one; the
 * system's socket; that of Docker Desktop; that of Podman.
 *
 * @throws {DockerBackendError} `option`: an address that is none, or a context that is not there.
 */
export function findEngine(
  { socketPath, host, context }: Pick<DockerOptions, "socketPath" | "host" | "context">,
  env: Environment = process.env,
  system = systemSocket,
): EngineAddress {
  if (socketPath !== undefined) return socket(socketPath, "socketPath");
  if (host !== undefined) return addressOf(host, "host", env);
  if (context !== undefined) return ofContext(context, `context ${context}`, env);
  if (env.DOCKER_HOST) return addressOf(env.DOCKER_HOST, "DOCKER_HOST", env);
  const chosen = env.DOCKER_CONTEXT || currentContext(env);
  if (chosen !== undefined && chosen !== "default")
    return ofContext(chosen, env.DOCKER_CONTEXT ? "DOCKER_CONTEXT" : `the current context ${chosen}`, env);
  const places = sockets(env);
  if (existsSync(system)) return socket(system, "found there");
  const found = places.find(({ path }) => existsSync(path));
  if (found) return socket(found.path, `found there, as that of ${found.of}`);
  return { ...socket(system, "the default"), looked: places.map(({ path }) => path) };
}

const systemSocket = "/var/run/docker.sock";

/** Of engines of the user's own, and of those that understand the same. */
function sockets(env: Environment): readonly { readonly path: string; readonly of: string }[] {
  const home = env.HOME ?? homedir();
  const runtime = env.XDG_RUNTIME_DIR;
  const own = runtime
    ? [
        { path: join(runtime, "docker.sock"), of: "a rootless engine" },
        { path: join(runtime, "podman/podman.sock"), of: "Podman" },
      ]
    : [];
  return [
    { path: join(home, ".docker/run/docker.sock"), of: "Docker Desktop" },
    ...own,
    { path: "/run/podman/podman.sock", of: "Podman" },
  ];
}

function socket(path: string, source: string): EngineAddress {
  return { kind: "socket", path, text: `unix://${path}`, source };
}

function addressOf(text: string, source: string, env: Environment): EngineAddress {
  if (text.startsWith("unix://")) return { ...socket(text.slice("unix://".length), source), text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "ssh:" && url.hostname !== "") {
    const user = url.username === "" ? "" : `${decodeURIComponent(url.username)}@`;
    return { kind: "ssh", target: user + url.hostname, text, source, ...(url.port === "" ? {} : { port: url.port }) };
  }
  if (url && ["tcp:", "http:", "https:"].includes(url.protocol) && url.hostname !== "") {
    const secure = url.protocol === "https:" || Boolean(env.DOCKER_TLS_VERIFY);
    const tls = secure ? certificatesIn(env.DOCKER_CERT_PATH ?? configurationFolder(env)) : undefined;
    const port = url.port === "" ? (secure ? 2376 : 2375) : Number(url.port);
    // Brackets are for addresses only.
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    return { kind: "tcp", host, port, text, source, ...(tls ? { tls } : {}) };
  }
  throw new DockerBackendError(
    "option",
    `${source} is ${JSON.stringify(text)}, which is no address of a Docker Engine: give unix:///path, tcp://host:2376 or ssh://user@host.`,
  );
}

function currentContext(env: Environment): string | undefined {
  const config = readConfiguration(env);
  return typeof config?.currentContext === "string" ? config.currentContext : undefined;
}

/** The docker command keeps each context in a folder that is named by the hash of its name. */
function ofContext(name: string, source: string, env: Environment): EngineAddress {
  if (name === "default") return socket(systemSocket, source);
  const id = createHash("sha256").update(name).digest("hex");
  const contexts = join(configurationFolder(env), "contexts");
  const meta = readJson(join(contexts, "meta", id, "meta.json")) as ContextMeta | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  if (host === undefined)
    throw new DockerBackendError(
      "option",
      `There is no docker context ${JSON.stringify(name)} (${source}) in ${contexts}: see \`docker context ls\`.`,
    );
  const certificates = join(contexts, "tls", id, "docker");
  const secure = existsSync(certificates) ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates } : {};
  return addressOf(host, source, { ...env, DOCKER_TLS_VERIFY: undefined, ...secure });
}

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string } };
}

function certificatesIn(directory: string): Tls {
  const read = (name: string) => {
    const path = join(directory, `${name}.pem`);
    return existsSync(path) ? { [name]: readFileSync(path, "utf8") } : {};
  };
  return { ...read("ca"), ...read("cert"), ...read("key") };
}

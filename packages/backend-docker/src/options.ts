import type { WorkerSpec } from "@skyburst/core";
import { DockerBackendError } from "./errors.ts";

/** Where Node.js may come from, in the order in which it is asked for. */
export const NODE_SOURCES = ["image", "npm", "host"] as const;
export type NodeSource = (typeof NODE_SOURCES)[number];

export interface DockerOptions {
  /** Image that workers run in. Default `node:22-slim`. It needs neither Node.js nor a shell. */
  readonly image?: string | undefined;
  /** Unix socket of the engine. At most one of `socketPath`, `host` and `context`. */
  readonly socketPath?: string | undefined;
  /** Address of the engine, as `DOCKER_HOST` has it: `unix:///…`, `tcp://host:2376`, `ssh://user@host`. */
  readonly host?: string | undefined;
  /** Name of a context of the docker command. Default of all three: what the docker command would take. */
  readonly context?: string | undefined;
  /** As `linux/arm64`. Default: the engine's own. */
  readonly platform?: string | undefined;
  /** Processors of a worker. Default: no limit. */
  readonly cpu?: number | undefined;
  /** Memory of a worker in bytes, swap included. Default: no limit. */
  readonly memory?: number | undefined;
  /** GPUs of a worker. Default none. */
  readonly gpus?: number | undefined;
  /** Network of the containers, as `bridge`, `host`, `none` or the name of one. Default `bridge`. */
  readonly network?: string | undefined;
  /** Files of the engine's machine that workers see. */
  readonly mounts?: WorkerSpec["mounts"];
  /** User of the worker's process, as `1000:1000`. Default: the owner of a directory store, else the image's. */
  readonly user?: string | undefined;
  /** Capabilities of the kernel beside none, as `SYS_PTRACE`. Default: none at all. */
  readonly capabilities?: readonly string[] | undefined;
  /** The image's own files can't be changed. Default false. */
  readonly readOnlyRoot?: boolean | undefined;
  /** `missing`: an image that the engine does not have is pulled. Default. */
  readonly pullPolicy?: "always" | "missing" | "never" | undefined;
  /**
   * Where the Node.js is from that workers bring along: `image`, the stock image of its major version, which the engine has or pulls; `npm`,
   * the package of its binary; `host`, the one of this process, for Linux on the same processors. Default: the first of these that there is.
   * `SKYBURST_DOCKER_NODE` says it for all backends that don't.
   */
  readonly node?: NodeSource | undefined;
  /** For the registry of the image. Default: what `docker login` left. Images that the engine has need none. */
  readonly registryAuth?: RegistryAuth | undefined;
  /** Most workers of this engine at a time. Default 64. */
  readonly maxWorkers?: number | undefined;
  /** Tasks that a worker runs at a time. Default: its processors, or 1. */
  readonly slots?: number | undefined;
}

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

/** With every default in place but those that the engine decides. */
export type Settings = DockerOptions & {
  readonly maxWorkers: number;
  readonly slots: number;
  readonly image: string;
  readonly network: string;
  readonly pullPolicy: "always" | "missing" | "never";
};

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {DockerBackendError} `option`, naming the option and its value. */
export function settings(options: DockerOptions, env: Environment = process.env): Settings {
  const ways = (["socketPath", "host", "context"] as const).filter((name) => options[name] !== undefined);
  if (ways.length > 1) throw refused(ways.join(" and "), "they are ways to one engine: give one of them");
  for (const name of ["maxWorkers", "slots", "gpus"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw refused(`${name}: ${value}`, "give a whole number of at least 1, or leave it out");
  }
  const unfit = unfitSize(options);
  if (unfit) throw refused(unfit.what, unfit.why);
  for (const name of ["image", "socketPath", "host", "context", "platform", "network", "user"] as const) {
    const value = options[name];
    if (value !== undefined && (typeof value !== "string" || value.trim() === ""))
      throw refused(`${name}: ${JSON.stringify(value)}`, "give a text, or leave it out");
  }
  refuseShapes(options);
  const { pullPolicy = "missing" } = options;
  if (!["always", "missing", "never"].includes(pullPolicy))
    throw refused(`pullPolicy: ${JSON.stringify(pullPolicy)}`, 'give "always", "missing" or "never"');
  const node = nodeSource(options, env);
  return {
    ...options,
    pullPolicy,
    node,
    image: options.image ?? "node:22-slim",
    network: options.network ?? "bridge",
    maxWorkers: options.maxWorkers ?? 64,
    slots: options.slots ?? Math.max(1, Math.floor(options.cpu ?? 1)),
  };
}

/** What an engine would refuse in words that nobody has written, or not at all. */
function refuseShapes({ capabilities = [], readOnlyRoot = false, mounts = [], registryAuth }: DockerOptions): void {
  const says = (value: unknown) => JSON.stringify(value);
  if (!Array.isArray(capabilities) || !capabilities.every(isText))
    throw refused(`capabilities: ${says(capabilities)}`, 'give an array of names, as ["SYS_PTRACE"], or leave it out');
  if (typeof readOnlyRoot !== "boolean")
    throw refused(`readOnlyRoot: ${says(readOnlyRoot)}`, "give true or false, or leave it out");
  if (mounts.some(({ source, target }) => !source.startsWith("/") || !target.startsWith("/")))
    throw refused(`mounts: ${says(mounts)}`, "give absolute paths");
  // What it holds is nobody's but the registry's.
  if (registryAuth !== undefined && !(isText(registryAuth.username) && isText(registryAuth.password)))
    throw refused("registryAuth", "give { username, password }, or leave it out");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function nodeSource({ node }: DockerOptions, env: Environment): NodeSource | undefined {
  const given = node ?? (env.SKYBURST_DOCKER_NODE || undefined);
  const source = NODE_SOURCES.find((one) => one === given);
  if (given === undefined || source !== undefined) return source;
  const names = NODE_SOURCES.map((one) => JSON.stringify(one)).join(", ");
  if (node !== undefined) throw refused(`node: ${JSON.stringify(given)}`, `give one of ${names}, or leave it out`);
  throw new DockerBackendError("option", `SKYBURST_DOCKER_NODE is ${JSON.stringify(given)}: give one of ${names}.`);
}

/** Docker gives no container less memory. */
const leastMemory = 6 * 1024 * 1024;

/** What of a worker's size no engine can give. */
export function unfitSize({ cpu, memory }: Pick<WorkerSpec, "cpu" | "memory">) {
  if (cpu !== undefined && !(Number.isFinite(cpu) && cpu >= 0.01))
    return { what: `cpu: ${cpu}`, why: "give processors, as 2 or 0.5" };
  if (memory !== undefined && !(Number.isSafeInteger(memory) && memory >= leastMemory))
    return { what: `memory: ${memory}`, why: `give bytes, at least ${leastMemory} (6 MiB)` };
  return undefined;
}

function refused(what: string, why: string): DockerBackendError {
  return new DockerBackendError("option", `docker({ ${what} }): ${why}.`);
}

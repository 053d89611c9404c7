import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { run } from "./run.ts";
import { ServerProcess } from "./server-process.ts";

/** A registry of images on this machine, which engines trust without TLS since it is on the loopback. */
export interface DockerRegistry extends Engine {
  /** What names of its images begin with, as `127.0.0.1:5000`. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
  /** Where it keeps what it was given: to take something out of it is how it is made to fail in the middle of an answer. */
  readonly storage: string;
}

export interface DockerRegistryOptions {
  /** Only who knows name and password is let in. Default false. */
  readonly guarded?: boolean;
}

/** The registry that the system's packages have, with nothing in it. */
export async function dockerRegistry({ guarded = false }: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  await installDockerRegistry();
  const directory = mkdtempSync(join(tmpdir(), "skyburst-registry-"));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const storage = join(directory, "storage");
  mkdirSync(storage);
  const [config, users] = [join(directory, "config.yml"), join(directory, "users")];
  writeFileSync(users, `${credentials.username}:${credentials.hash}\n`);
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: storage } },
      http: { addr: address },
      ...(guarded ? { auth: { htpasswd: { realm: "tests", path: users } } } : {}),
    }),
  );
  const server = new ServerProcess({
    name: "docker-registry",
    command: "docker-registry",
    args: ["serve", config],
    ready: async () => {
      const { headers } = await fetch(`http://${address}/v2/`);
      return headers.get("docker-distribution-api-version") === "registry/2.0";
    },
  });
  await server.start();
  const { username, password } = credentials;
  return {
    port,
    address,
    username,
    password,
    storage,
    kill: () => server.end("SIGKILL"),
    start: () => server.start(),
    async stop() {
      await server.end("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The hash is the password's by bcrypt, the only kind that it takes. */
const credentials = {
  username: "tests",
  password: "not-a-secret",
  hash: "$2y$05$skyburstskyburstskybuexuNqWHcVXaZpiOadXa1lo4tLa/qaxXe",
} as const;

/** By apt, where it is not there and this may be done. */
export async function installDockerRegistry(): Promise<void> {
  if (await works()) return;
  if (process.getuid?.() === 0) {
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-qq"], quiet);
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "docker-registry"], quiet);
    if (await works()) return;
  }
  throw new Error("there is no docker-registry on the PATH; install it, as by `apt-get install docker-registry`");
}

function works(): Promise<boolean> {
  return run("docker-registry", ["--version"]).then(
    () => true,
    () => false,
  );
}

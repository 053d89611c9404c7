import { Agent } from "node:http";
import type Docker from "dockerode";
import type { DockerOptions } from "dockerode";
import type { EngineAddress } from "./address.ts";
import { DockerBackendError, reasonOf, statusOf } from "./errors.ts";
import { sshConnection } from "./ssh.ts";

/** A connection to one engine, loaded and made when it is first used. */
export class Engine {
  readonly address: EngineAddress;
  #client: Promise<Docker> | undefined;
  #answered = false;

  constructor(address: EngineAddress) {
    this.address = address;
  }

  /** It runs on this machine, so that paths mean the same to it. */
  get isHere(): boolean {
    const { kind } = this.address;
    return kind === "socket" || (kind === "tcp" && /^(localhost|127(\.\d+){3}|::1)$/.test(this.address.host));
  }

  /**
   * Asks the engine for something. @throws {DockerBackendError} `option` when none answers there, `unavailable` when it does no more, `permission` when it does not let us.
   * What the engine itself refuses is passed on as it is, with its HTTP status.
   */
  async ask<T>(question: (client: Docker) => Promise<T>): Promise<T> {
    const client = await (this.#client ??= connect(this.address));
    try {
      const answer = await question(client);
      this.#answered = true;
      return answer;
    } catch (error) {
      throw statusOf(error) === undefined ? this.#silence(error) : error;
    }
  }

  #silence(cause: unknown): unknown {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (typeof code !== "string" || cause instanceof DockerBackendError) return cause;
    const { text, source, looked = [] } = this.address;
    if (code === "EACCES" || code === "EPERM")
      return new DockerBackendError(
        "permission",
        `This user may not use the Docker Engine at ${text} (${source}): add it to the group docker, or use a rootless engine.`,
        { cause },
      );
    const neither = looked.length === 0 ? "" : `, and no socket is at ${looked.join(", ")}`;
    // One that was there comes back; one that never was is looked for in the wrong place.
    return new DockerBackendError(
      this.#answered ? "unavailable" : "option",
      `No Docker Engine answers at ${text} (${source}): ${reasonOf(cause).replace(/\.$/, "")}${neither}. Start one (\`sudo systemctl start docker\`, Docker Desktop, or Podman by \`systemctl --user start podman.socket\`), or say where it is by DOCKER_HOST or docker({ host }).`,
      { cause },
    );
  }
}

/** How long a connection may take, in milliseconds; answers may take longer. */
const patience = 20_000;

async function connect(address: EngineAddress): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  return new Client(connectionTo(address));
}

/** Its types leave out what its transport takes. */
type Connection = DockerOptions & { readonly connectionTimeout: number; readonly agent?: Agent };

function connectionTo(address: EngineAddress): Connection {
  const connectionTimeout = patience;
  if (address.kind === "socket") return { socketPath: address.path, connectionTimeout };
  if (address.kind === "tcp") {
    const { host, port, tls } = address;
    return { host, port, protocol: tls ? "https" : "http", connectionTimeout, ...tls };
  }
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = () => sshConnection(address);
  return { host: "docker", port: 80, protocol: "http", agent, connectionTimeout };
}

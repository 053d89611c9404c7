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
  readonly #patience: number;

  /** @param patience Milliseconds for an answer. */
  constructor(address: EngineAddress, patience = usualPatience) {
    this.address = address;
    this.#patience = patience;
  }

  /** It runs on this machine, so that paths mean the same to it. */
  get isHere(): boolean {
    const { kind } = this.address;
    return kind === "socket" || (kind === "tcp" && /^(localhost|127(\.\d+){3}|::1)$/.test(this.address.host));
  }

  /**
   * Asks the engine for something. @throws {DockerBackendError} `option` when none answers there, `unavailable` when it does no more, `permission` when it does not let us.
   * What the engine itself refuses is passed on as it is, with its HTTP status.
   *
   * @param within Milliseconds after which nobody waits any more. Default 5 minutes; what tells how far it is may take as long as it likes.
   */
  async ask<T>(question: (client: Docker) => Promise<T>, within = this.#patience): Promise<T> {
    const client = await (this.#client ??= connect(this.address));
    try {
      const answer = await this.#inTime(question(client), within);
      this.#answered = true;
      return answer;
    } catch (error) {
      throw statusOf(error) === undefined ? this.#silence(error) : error;
    }
  }

  /** An engine that hangs takes connections, and answers nothing. */
  async #inTime<T>(answer: Promise<T>, within: number): Promise<T> {
    if (within === Number.POSITIVE_INFINITY) return answer;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const { text, source } = this.address;
      const message = `The Docker Engine at ${text} (${source}) took the request, and has not answered for ${Math.ceil(within / 1000)} s. Look whether it hangs (\`docker info\`), or start it again.`;
      timer = setTimeout(() => reject(new DockerBackendError("unavailable", message)), within);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      // Who gave up does not hear how it ended.
      answer.catch(ignore);
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

/** How long a connection may take, and then an answer: an engine with a slow disk takes its time; milliseconds. */
const patience = 20_000;
const usualPatience = 300_000;

function ignore(): void {
  // Nobody waits for it any more.
}

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

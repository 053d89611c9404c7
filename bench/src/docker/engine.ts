import { readFileSync } from "node:fs";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import type { Bench } from "../figure.ts";
import { type Run, node, run } from "../program.ts";
import { importNode } from "./node-image.ts";

/** Why there is no Docker Engine here; undefined: there is. */
export function noDocker(): Promise<string | undefined> {
  return unavailable("docker");
}

/** An engine of its own, and what is run on it. */
export interface DockerBench {
  /** As little as there can be: BusyBox. */
  readonly image: string;
  /** Makes an image of the Node.js that runs this, with its libraries, and gives its name. */
  nodeImage(): Promise<string>;
  /** The docker command. */
  docker(...args: readonly string[]): Promise<Run>;
  /** The same by a shell, which has the arguments as its own. */
  shell(script: string, ...args: readonly string[]): Promise<Run>;
  skyburst(place: string, ...args: readonly string[]): Promise<Run>;
  /** A program of ours. */
  program(place: string, script: string, ...args: readonly string[]): Promise<Run>;
}

/**
 * Calls `act` with an engine of its own, that is bound to the processors that this process is bound to.
 *
 * @throws {Error} when a container is left behind.
 */
export async function withDocker<T>(bench: Bench, act: (docker: DockerBench) => Promise<T>): Promise<T> {
  const engine = await dockerEngine();
  try {
    const result = await act(benchOn(bench, engine));
    await checkGone(engine);
    return result;
  } finally {
    await engine.stop();
  }
}

function benchOn(bench: Bench, engine: DockerEngine): DockerBench {
  // Certificates that a machine adds to Node's own are read at every start of Node, and by no docker command.
  const env = { DOCKER_HOST: engine.host, NODE_EXTRA_CA_CERTS: "" };
  return {
    image: engine.image,
    nodeImage: () => importNode(engine, bench.places.next("node-image")),
    docker: (...args) => run(["docker", ...args], { place: bench.places.next("docker"), env }),
    shell: (script, ...args) => run(["sh", "-c", script, "sh", ...args], { place: bench.places.next("shell"), env }),
    skyburst: (place, ...args) => run(node(bench.skyburst, ...args), { place, env }),
    program: (place, script, ...args) => run(node(script, ...args), { place, env }),
  };
}

/** Of a program that prints JSON. */
export function printed({ stdout }: Run): unknown {
  return JSON.parse(readFileSync(stdout, "utf8"));
}

async function checkGone({ docker }: DockerEngine): Promise<void> {
  const left = await docker("ps", "--all", "--format", "{{.Names}} {{.Image}} {{.Status}}");
  if (left.trim() !== "") throw new Error(`Containers are left behind:\n${left}`);
}

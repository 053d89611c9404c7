import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "./run.ts";
import { ServerProcess } from "./server-process.ts";

/** A Docker Engine of its own: nothing of it is shared with another one of this machine but the name of its bridge. */
export interface DockerEngine {
  /** As `DOCKER_HOST`. */
  readonly host: string;
  readonly socketPath: string;
  /** Files of Alpine's kind and no more: BusyBox, a shell, no Node.js, no C library. */
  readonly image: string;
  /** One static program, and nothing else: no shell. */
  readonly bareImage: string;
  /** What the docker command says to it. */
  docker(...args: readonly string[]): Promise<string>;
  /** Ends it, and with it its containers, and starts it again. By SIGKILL its containers go on until it is back. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/**
 * As the system's packages have it: `dockerd` has to be run as root. All that it keeps is in a new directory below `place`; default: the
 * system's place for temporary files.
 */
export async function dockerEngine(place = tmpdir()): Promise<DockerEngine> {
  await installDocker();
  const directory = mkdtempSync(join(place, "skyburst-docker-"));
  const socketPath = join(directory, "docker.sock");
  const host = `unix://${socketPath}`;
  const docker = (...args: readonly string[]) => run("docker", ["--host", host, ...args], plain);
  const server = new ServerProcess({
    name: "dockerd",
    command: "dockerd",
    args: [
      `--host=${host}`,
      `--data-root=${join(directory, "data")}`,
      `--exec-root=${join(directory, "exec")}`,
      `--pidfile=${join(directory, "pid")}`,
      "--iptables=false",
      "--ip-masq=false",
    ],
    ready: () => docker("version", "--format", "{{.Server.Version}}").then(() => true),
  });
  await server.start();
  const [image, bareImage] = ["skyburst-test/busybox:latest", "skyburst-test/bare:latest"] as const;
  await importImages(docker, directory, image, bareImage);
  return {
    host,
    socketPath,
    image,
    bareImage,
    docker,
    async restart(signal = "SIGTERM") {
      const pidFile = join(directory, "exec/containerd/containerd.pid");
      const containerd = Number(readFileSync(pidFile, "utf8"));
      await server.end(signal);
      // It goes with a dockerd that is killed, though a little later: the next one would wait for it.
      while (runs(containerd)) await pause(20);
      await server.start();
    },
    async stop() {
      const left = (await docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
      if (left.length > 0) await docker("rm", "--force", "--volumes", ...left);
      await server.end("SIGTERM");
      for (const mount of mountedBelow(directory)) await run("umount", [mount]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * What is still mounted, the last one first: the network of the machine itself, where a container had that one, and what an engine that was
 * killed had.
 */
function mountedBelow(directory: string): readonly string[] {
  const places = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return places
    .map((line) => line.split(" ")[1] ?? "")
    .filter((place) => place.startsWith(`${directory}/`))
    .toReversed();
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What a test has set for another engine is nothing to this one's socket. */
const plain = { DOCKER_TLS_VERIFY: "", DOCKER_CERT_PATH: "", DOCKER_CONTEXT: "" };

/** By apt, where it is not there and this may be done. */
export async function installDocker(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("a Docker Engine of its own has to be run as root");
  if (await works()) return;
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], quiet);
  const packages = ["docker.io", "busybox-static", "iptables"];
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], quiet);
  if (!(await works()))
    throw new Error("there is no dockerd on the PATH; install it, as by `apt-get install docker.io`");
}

async function works(): Promise<boolean> {
  const found = await Promise.all([run("dockerd", ["--version"]), run("busybox", ["true"])]).catch(() => undefined);
  return found !== undefined;
}

async function importImages(
  docker: DockerEngine["docker"],
  directory: string,
  image: string,
  bareImage: string,
): Promise<void> {
  const busybox = (await run("sh", ["-c", "command -v busybox"])).trim();
  const applets = (await run(busybox, ["--list-full"])).split("\n").filter((path) => path !== "");
  const root = join(directory, "root");
  for (const folder of ["bin", "etc", "sbin", "tmp", "usr/bin", "usr/sbin"])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(busybox, join(root, "bin/busybox"));
  for (const path of applets) if (path !== "bin/busybox") symlinkSync("/bin/busybox", join(root, path));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/bin/sh\n");
  await importFrom(docker, root, image);
  const bare = join(directory, "bare");
  mkdirSync(bare);
  copyFileSync(busybox, join(bare, "busybox"));
  await importFrom(docker, bare, bareImage);
}

async function importFrom(docker: DockerEngine["docker"], root: string, image: string): Promise<void> {
  const archive = `${root}.tar`;
  await run("tar", ["--create", "--file", archive, "--directory", root, "."]);
  await docker("import", archive, image);
  rmSync(archive);
}

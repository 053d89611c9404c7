import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { run } from "./run.ts";
import { ServerProcess } from "./server-process.ts";

/** What it was told is gone when it ends. */
export type Redis = Pick<Engine, "port" | "stop">;

/**
 * Redis as the system's packages have it, all in memory: it writes nothing to a disk, which is how it is fastest. It runs in a new
 * directory below `place`; default: the system's place for temporary files.
 */
export async function redis(place = tmpdir()): Promise<Redis> {
  await installRedis();
  const directory = mkdtempSync(join(place, "skyburst-redis-"));
  const port = await freePort();
  const settings = { port: String(port), bind: "127.0.0.1", dir: directory, save: "", appendonly: "no" };
  const server: ServerProcess = new ServerProcess({
    name: "redis-server",
    command: "redis-server",
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    // Another one may have taken the port.
    ready: async () => (await ask(port, "INFO server")).includes(`process_id:${server.pid}\r\n`),
  });
  await server.start();
  return {
    port,
    async stop() {
      await server.end("SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** By apt, where it is not there and this may be done. */
export async function installRedis(): Promise<void> {
  if (await works()) return;
  if (process.getuid?.() === 0) {
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-qq"], quiet);
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "redis-server"], quiet);
    if (await works()) return;
  }
  throw new Error("there is no redis-server on the PATH; install it, as by `apt-get install redis-server`");
}

function works(): Promise<boolean> {
  return run("redis-server", ["--version"]).then(
    () => true,
    () => false,
  );
}

/** The answer to one command, as far as it comes at once. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.end(`${command}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}

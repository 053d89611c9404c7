import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { killFirst } from "../memory/kill-first.ts";
import { Channel } from "./channel.ts";
import type { Environment } from "./environment.ts";
import { endChild, Loop } from "./loop.ts";
import { loopScript } from "./loop-script.ts";
import { PidLedger } from "./pid-ledger.ts";

/** Bash comes first for its job control, which costs nothing; under `sh` each command takes one exec more, of setsid(1). */
export const SHELLS: readonly string[] = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/sh"];

/** Starts a loop in the first of these shells that can do it. Resolves to undefined when none can. */
export async function startLoop(
  env: Environment,
  directory: string,
  shells: readonly string[],
): Promise<Loop | undefined> {
  for (const path of shells.filter((shell) => existsSync(shell))) {
    const loop = await start(path, env, directory);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

async function start(path: string, env: Environment, directory: string): Promise<Loop | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "skyburst-"));
  const fifos = { out: join(folder, "out"), err: join(folder, "err") };
  const mark = `\u001e${randomBytes(16).toString("hex")} `;
  const pids = new PidLedger(join(folder, "pids"));
  try {
    const child = spawnShell(path, env, directory, pids.fd);
    const hear = conversation(child);
    child.stdin?.write(loopScript(fifos, mark));
    if ((await hear()) === "fifos") {
      const [out, err] = [openPipe(fifos.out), openPipe(fifos.err)];
      const groups = await hear();
      if (groups !== undefined) {
        return new Loop({
          child,
          pids,
          out: out.channel,
          err: err.channel,
          errFd: err.fd,
          mark,
          setsid: groups === "jobs" ? undefined : groups,
        });
      }
      out.channel.destroy();
      err.channel.destroy();
    }
    endChild(child);
    pids.close();
    return undefined;
  } finally {
    // Everything is open by now, so that nothing is left behind whoever is killed.
    rmSync(folder, { recursive: true, force: true });
  }
}

function spawnShell(path: string, env: Environment, directory: string, pids: number): ChildProcess {
  // Bash takes a socket on its stdin for a network login, and would read .bashrc.
  const args = path.endsWith("bash") ? ["--norc", "--noprofile", "-s"] : ["-s"];
  // Detached: out of the reach of Ctrl-C, and of the terminal that job control would ask for.
  const child = spawn(path, args, {
    env,
    cwd: directory,
    detached: true,
    stdio: ["pipe", "pipe", "ignore", "pipe", pids],
  });
  killFirst(child.pid);
  // A loop that can't start, or a write to one that died, shows in its silence and in its exit.
  child.on("error", () => endChild(child));
  for (const stream of child.stdio) stream?.on("error", () => stream.destroy());
  return child;
}

/** Gives the shell's next line, or undefined when it ended or is stuck. */
function conversation(child: ChildProcess): () => Promise<string | undefined> {
  if (child.stdout === null) return async () => undefined;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const stuck = setTimeout(() => endChild(child), STUCK);
    const { value } = await lines.next();
    clearTimeout(stuck);
    return typeof value === "string" ? value : undefined;
  };
}

function openPipe(fifo: string): Pipe {
  const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  // One buffer for all that is read: a stream would make one of 64 KiB for each line of output.
  const callback = (length: number) => {
    channel.take(Buffer.from(buffer.subarray(0, length)));
    return true;
  };
  const options: SocketConstructorOpts & ConnectOpts = {
    fd,
    readable: true,
    writable: false,
    onread: { buffer, callback },
  };
  const socket = new Socket(options);
  // A pipe that fails has ended: the loss shows where the process is watched.
  socket.on("error", () => socket.destroy());
  const channel = new Channel(socket);
  return { fd, channel };
}

interface Pipe {
  readonly fd: number;
  readonly channel: Channel;
}

/** What a pipe holds on Linux; macOS holds as much or less. */
const PIECE = 65_536;
/** Milliseconds in which a shell answers; under heavy load it takes some hundred. */
const STUCK = 10_000;

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Desk } from "./ground.ts";

/** The built command, beside its package's main module. */
const bin = join(dirname(realpathSync(fileURLToPath(import.meta.resolve("skyburst")))), "bin.cjs");

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves as soon as this matches what it printed. Rejects when it ends before. */
  printed(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts the command, in a process group of its own, at somebody's desk. */
export function start(desk: Desk, args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  return startNode(desk, [bin, ...args], env);
}

/** The same of any program of Node. */
export function startNode(desk: Desk, args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [...args], {
    cwd: desk.directory,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited(), HOME: desk.home, NO_COLOR: "1", ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stdout);
          if (found) resolve(found[0]);
        };
        child.stdout.on("data", look);
        look();
        void ended.then(({ code, signal }) =>
          reject(new Error(`${args.join(" ")} ended with ${code ?? signal}; ${pattern} is not in ${stdout}${stderr}`)),
        );
      }),
  };
}

/** Runs the command to its end, whatever that is. */
export function run(desk: Desk, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
  return start(desk, args, env).ended;
}

/** Runs it to its end. @throws {Error} unless it ends with 0. */
export async function succeed(desk: Desk, args: readonly string[]): Promise<string> {
  const { stdout, stderr, code, signal } = await run(desk, args);
  if (code !== 0) throw new Error(`skyburst ${args.join(" ")} ended with ${code ?? signal}: ${stderr}`);
  return stdout;
}

/** Where programs are, and what the S3 server of the tests takes; nothing of whoever runs the tests. */
function inherited(): Record<string, string> {
  const kept = new Set(["PATH", "TMPDIR", "NODE_EXTRA_CA_CERTS"]);
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (kept.has(entry[0]) || entry[0].startsWith("AWS_")),
    ),
  );
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import type { Writable } from "node:stream";
import type { LaunchRequest } from "@skyburst/core";
import { LocalBackendError, systemCode } from "./errors.ts";
import { ARGUMENT, VARIABLE } from "./label.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Output } from "./output.ts";
import type { RefusalReason } from "./refuse.ts";

export interface Start {
  readonly id: string;
  readonly slot: number;
  /** Path of the program. */
  readonly program: string;
  readonly request: LaunchRequest;
}

export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
}

export type Started = WorkerProcess | { readonly refusal: RefusalReason };

/**
 * Starts one worker process, in a session and process group of its own: a Ctrl-C or a hang-up of the terminal reaches
 * the client alone. Nothing waits for it: the client may end before it does.
 */
export async function startWorker(start: Start, options: ResolvedOptions, output: Output): Promise<Started> {
  let descriptor: number;
  try {
    descriptor = output.open(start.id);
  } catch (error) {
    return { refusal: outputRefusal(error, options.directory) };
  }
  try {
    return await startProcess(start, options.node, descriptor);
  } catch (error) {
    output.discard(start.id);
    return { refusal: processRefusal(error, options.node) };
  } finally {
    closeSync(descriptor);
  }
}

/** What a worker is told. The last of it is what it is found by. */
export function argumentsOf(request: LaunchRequest, slot: number, id: string): readonly string[] {
  return [...request.args, `--slot=${slot}`, ARGUMENT + id];
}

async function startProcess({ id, slot, program, request }: Start, node: string, output: number): Promise<Started> {
  const { secrets } = request;
  const child = spawn(node, [program, ...argumentsOf(request, slot, id)], {
    detached: true,
    stdio: [secrets ? "pipe" : "ignore", output, output],
    env: { ...environmentWithout(secrets), ...request.spec.env, ...(secrets ? handed : {}), [VARIABLE]: id },
  });
  if (child.pid === undefined) {
    const [error]: unknown[] = await once(child, "error");
    throw error;
  }
  child.unref();
  if (child.stdin && secrets) hand(child.stdin, secrets);
  return { child, pid: child.pid };
}

/** Tells a worker that its secrets come on its standard input. */
const handed = { SKYBURST_SECRETS: "stdin" };

/** What this process has, but for what is handed over otherwise. */
function environmentWithout(secrets: Readonly<Record<string, string>> | undefined): NodeJS.ProcessEnv {
  if (!secrets) return process.env;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !Object.hasOwn(secrets, name)));
}

/** By a pipe: the environment of a process can be read by others of its user, and its arguments by everybody. */
function hand(stdin: Writable, secrets: Readonly<Record<string, string>>): void {
  // A worker that ended before it read them is heard of by its exit.
  stdin.on("error", () => stdin.destroy());
  stdin.end(JSON.stringify(secrets));
}

/** Long enough that something may have ended meanwhile, short enough that nobody is held up by it. */
const RETRY_AFTER = 1000;

const FULL: Readonly<Record<string, string>> = {
  EAGAIN: "the system allows this user no more processes",
  ENOMEM: "the system has no memory for another process",
  EMFILE: "this process has too many files open",
  ENFILE: "the system has too many files open",
  ENOSPC: "there is no space for its output",
  EDQUOT: "this user's disk quota is used up",
};

function outputRefusal(error: unknown, directory: string): RefusalReason {
  // The same for every worker of every launch: nothing could be tried at all.
  if (error instanceof LocalBackendError) throw error;
  const code = known(error);
  return (
    fullRefusal(code) ?? {
      kind: "permission",
      message: `The output of workers can't be written to ${directory} (${code}): name another directory with local({ directory }).`,
    }
  );
}

function processRefusal(error: unknown, node: string): RefusalReason {
  const code = known(error);
  const message =
    code === "E2BIG"
      ? "The arguments and environment of the worker are too long for this system: pass less in `env`."
      : `${node} can't be run (${code}): name the path of a Node.js program with local({ node }).`;
  return fullRefusal(code) ?? { kind: "option", message };
}

function fullRefusal(code: string): RefusalReason | undefined {
  const words = FULL[code];
  return words === undefined
    ? undefined
    : { kind: "capacity", message: `No further worker can be started: ${words} (${code}).`, retryAfter: RETRY_AFTER };
}

/** What the system didn't say is a fault of ours, and no refusal. */
function known(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) throw error;
  return code;
}

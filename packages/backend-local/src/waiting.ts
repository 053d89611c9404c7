import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { LaunchRequest } from "@skyburst/core";
import { ARGUMENT, type Known, newId, parseId, VARIABLE } from "./label.ts";
import { type LocalOptions, resolveOptions } from "./options.ts";
import { Output } from "./output.ts";
import type { WorkerProcess } from "./spawn.ts";

export interface WaitingStart extends Omit<Known, "waits"> {
  /** Path of the program: a worker program, which is told by `--arguments=stdin` to read its arguments from there, as a line of JSON. */
  readonly program: string;
}

/** A process that was started before there was anything for it to do, to be the worker of slot 0 of one launch. */
export interface WaitingWorker {
  readonly id: string;
  /** Whether it is what this launch would start for the slot: the same program, under the same name, in the same environment. */
  fits(request: LaunchRequest, slot: number, program: string): boolean;
  /** Tells it what to do. From then on it needs nobody. undefined: it has ended, or was told before. */
  tell(args: readonly string[]): WorkerProcess | undefined;
  /** It is not needed, unless it was told what to do, and ends. */
  dismiss(): void;
}

/**
 * Starts the process of a worker before its launch is decided, so that it comes up while the session is made. Until it is told what to do
 * it does nothing, and it ends with this process, however that ends: by the end of a pipe. undefined: it could not be started.
 *
 * @param options Those of the backend that is to launch it.
 */
export function startWaiting(start: WaitingStart, options: LocalOptions = {}): WaitingWorker | undefined {
  const { node, ...resolved } = resolveOptions(options);
  const id = newId({ ...start, waits: true }, 0, Date.now());
  if (!parseId(id)) return undefined;
  const output = new Output({ node, ...resolved });
  const child = startProcess(start.program, id, node, output);
  if (child === undefined) output.discard(id);
  return child && waitingWorker(child, id, start, output);
}

function startProcess(program: string, id: string, node: string, output: Output): ChildProcess | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = output.open(id);
    const child = spawn(node, [program, "--arguments=stdin", ARGUMENT + id], {
      detached: true,
      stdio: ["pipe", descriptor, descriptor],
      env: { ...process.env, [VARIABLE]: id },
    });
    child.on("error", () => undefined);
    return child.pid === undefined ? undefined : child;
  } catch {
    // The launch meets the same, and says what it is.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function waitingWorker(child: ChildProcess, id: string, start: WaitingStart, output: Output): WaitingWorker {
  const { stdin, pid } = child;
  let told = false;
  child.unref();
  // Nor does the pipe keep this process.
  if (stdin instanceof Socket) stdin.unref();
  // One that ended before it read is heard of by its exit.
  stdin?.on("error", () => stdin.destroy());
  return {
    id,
    fits({ sessionId, launch, storeId, secrets, spec }, slot, program) {
      const same = sessionId === start.sessionId && launch === start.launch && storeId === start.storeId;
      return same && slot === 0 && program === start.program && secrets === undefined && spec.env === undefined;
    },
    tell(args) {
      if (told || pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
      told = true;
      stdin?.end(`${JSON.stringify(args)}\n`);
      return { child, pid };
    },
    dismiss() {
      if (told) return;
      told = true;
      stdin?.destroy();
      output.discard(id);
    },
  };
}

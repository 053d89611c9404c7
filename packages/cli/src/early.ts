import { existsSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startWaiting } from "@skyburst/backend-local";
import type { WaitingWorker } from "@skyburst/backend-local";
import type { Program } from "@skyburst/bundle";
import { newSessionId, storeId } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { configNames } from "./config-names.ts";

/** What of a job was begun before the command was loaded. */
export interface Early {
  readonly worker?: EarlyWorker | undefined;
  readonly task?: EarlyTask | undefined;
}

/** The first worker of a session that is yet to be opened. */
export interface EarlyWorker {
  /** Id that the session has to have. */
  readonly session: string;
  readonly process: WaitingWorker;
}

/** A function that is being bundled. */
export interface EarlyTask {
  readonly url: string;
  readonly export: string;
  readonly program: Promise<Program>;
}

/**
 * Begins what takes a job longest while what makes the job is loaded: to start a worker, and to bundle. What the options are is not known
 * yet, nor whether they are right: what is begun here is a guess, and of no consequence when it is not made use of.
 *
 * @param own What stands before `--`, without the command's name.
 */
export async function beginEarly(command: string, own: readonly string[]): Promise<Early> {
  if (own.some((argument) => argument === "--help" || argument === "-h")) return {};
  const worker = earlyWorker(own);
  return { worker, task: command === "map" ? await earlyTask(own) : undefined };
}

/** On this machine and the directory of its own, where nothing says that the job runs elsewhere. */
function earlyWorker(own: readonly string[]): EarlyWorker | undefined {
  const elsewhere = /^--(backend|store|config|secret|detach)(=.*)?$/s;
  if (own.some((argument) => elsewhere.test(argument)) || configNames.some((name) => existsSync(name)))
    return undefined;
  const { reference, program } = directory();
  if (program === undefined) return undefined;
  const session = newSessionId();
  const waiting = startWaiting({
    program: fileURLToPath(program),
    sessionId: session,
    launch: 0,
    storeId: storeId(reference),
  });
  // What never came to a launch leaves nothing.
  process.once("exit", () => waiting?.dismiss());
  return waiting && { session, process: waiting };
}

/** The first argument that names an export of a file. */
async function earlyTask(own: readonly string[]): Promise<EarlyTask | undefined> {
  const [, file = "", name = ""] = own.map((argument) => /^([^-].*)#([^#]+)$/s.exec(argument)).find(Boolean) ?? [];
  if (file === "" || !existsSync(file)) return undefined;
  const url = pathToFileURL(file).href;
  const { bundleModule } = await import("@skyburst/bundle");
  const program = bundleModule({ url, export: name });
  // Whoever submits the task hears of it.
  program.catch(() => undefined);
  // The bundler's process is started before this one is busy.
  await setImmediate();
  return { url, export: name, program };
}

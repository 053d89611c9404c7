import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startWaiting } from "@skyburst/backend-local";
import type { WaitingWorker } from "@skyburst/backend-local";
import { newSessionId, storeId } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { configNames } from "./config-names.ts";

/** The first worker of a session that is yet to be opened. */
export interface EarlyWorker {
  /** Id that the session has to have. */
  readonly session: string;
  readonly worker: WaitingWorker;
}

/**
 * Starts the first worker of a job on this machine and the directory of its own, before what makes the job is loaded: to come up takes a
 * process of Node longer than all that the two of them do. undefined: the job may run elsewhere, or the worker could not be started.
 */
export function startEarly(): EarlyWorker | undefined {
  if (configNames.some((name) => existsSync(name))) return undefined;
  const { reference, program } = directory();
  if (program === undefined) return undefined;
  const session = newSessionId();
  const worker = startWaiting({
    program: fileURLToPath(program),
    sessionId: session,
    launch: 0,
    storeId: storeId(reference),
  });
  return worker && { session, worker };
}

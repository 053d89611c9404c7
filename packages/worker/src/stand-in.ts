import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StandIn, StoreReference } from "@skyburst/core";

export interface StandInStart {
  readonly standIn: StandIn;
  readonly session: string;
  readonly store: StoreReference;
  /** `file:` URL of this worker's program. */
  readonly program: string;
  /** Names of the session's secrets, which are in the environment of this process. */
  readonly secrets?: readonly string[] | undefined;
}

/**
 * Starts the process that supervises in the place of clients that are gone: without a terminal, and with nothing by which it could be
 * taken for this worker, which may end before it. What goes wrong there it says in the session.
 */
export function startStandIn({ standIn, session, store, program, secrets = [] }: StandInStart): void {
  const argument = JSON.stringify({ session, store, worker: program, backend: standIn.options });
  const values = Object.fromEntries(secrets.map((name) => [name, process.env[name]]));
  const hidden = new Set(["SKYBURST_WORKER", "SKYBURST_SLOT", ...secrets]);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.has(name)));
  const child = spawn(process.execPath, [fileURLToPath(standIn.program), argument], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env,
  });
  // A machine that has no room for another process is asked again at the next look.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(JSON.stringify(values));
  child.unref();
}

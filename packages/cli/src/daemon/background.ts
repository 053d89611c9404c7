import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Secrets } from "@skyburst/core";
import { secretsVariable } from "../secrets.ts";
import type { FleetFlags } from "../stack.ts";
import { outputFile, tail } from "./output-file.ts";

/** A supervisor that was started in the background: it has no terminal, and nobody waits for it. */
export interface Background {
  /** Id of the session. */
  readonly session: string;
  readonly flags: FleetFlags;
  /** How its process ended, by exit code or in words; undefined while it runs. */
  readonly ending: () => number | string | undefined;
  /** Its last words, as one line; empty when it printed nothing. */
  readonly said: () => string;
}

/** Where a supervisor in the background is told how the name of the file begins that it prints to, so that it can remove an empty one. */
export const outputVariable = "SKYBURST_SUPERVISOR_OUTPUT";

/**
 * Starts `skyburst supervise` in a process of its own, with the stack of this one: in a session without a terminal, so that
 * neither Ctrl-C nor a hang-up reaches it. What its workers are given and nobody else sees comes to it by a pipe: arguments can be seen by
 * every user, and a file outlives its reader.
 */
export function superviseInBackground(session: string, flags: FleetFlags, secrets: Secrets): Background {
  const { prefix, descriptor, begun } = outputFile(session);
  const handsOver = Object.keys(secrets).length > 0;
  try {
    const child = spawn(process.execPath, [bin(), "supervise", session, ...argumentsOf(flags)], {
      detached: true,
      stdio: [handsOver ? "pipe" : "ignore", descriptor, descriptor],
      env: {
        ...environmentWithout(secrets),
        [outputVariable]: prefix,
        ...(handsOver ? { [secretsVariable]: "stdin" } : {}),
      },
    });
    if (handsOver) hand(child, secrets);
    return { session, flags, ...watched(child, child.pid === undefined ? undefined : begun(child.pid)) };
  } finally {
    closeSync(descriptor);
  }
}

function environmentWithout(secrets: Secrets): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !Object.hasOwn(secrets, name)));
}

function hand({ stdin }: ChildProcess, secrets: Secrets): void {
  // Of one that ended before it read them its end tells.
  stdin?.on("error", () => stdin.destroy());
  stdin?.end(JSON.stringify(secrets));
}

/** The command that this process is. */
function bin(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "bin.cjs");
}

function argumentsOf({ store, config, backend, workers, slots }: FleetFlags): string[] {
  return Object.entries({ store, config, backend, workers, slots }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}

function watched(child: ChildProcess, path: string | undefined): Pick<Background, "ending" | "said"> {
  let ending: number | string | undefined;
  child.once("error", (error) => (ending = error.message));
  child.once("exit", (code, signal) => (ending ??= code ?? signal ?? "no word"));
  child.unref();
  return { ending: () => ending, said: () => (path === undefined ? "" : lastLine(tail(path, mostSaid))) };
}

const mostSaid = 2000;

function lastLine(text: string): string {
  return (text.trim().split("\n").at(-1) ?? "").replace(/^skyburst: /, "");
}

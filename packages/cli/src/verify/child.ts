import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Arrivals } from "./arrivals.ts";

/** A process of this command that has ended. */
export interface Ended {
  /** undefined: a signal ended it. */
  readonly exitCode: number | undefined;
  /** From its start to its end. */
  readonly seconds: number;
  readonly stdout: Arrivals;
  readonly stderr: Arrivals;
}

export interface ChildOptions {
  /** Milliseconds, after which it is interrupted. */
  readonly patience: number;
  /** Interrupts it. */
  readonly signal: AbortSignal;
  /** Called when it has written something to stdout for the first time. */
  readonly begun?: (() => void) | undefined;
}

/** It gives its workers as long to end. What does not end by an interruption is killed. */
const grace = 20_000;

/** Runs this very command once more, as a user does: another process, another command line. */
export function runSkyburst(args: readonly string[], { patience, signal, begun }: ChildOptions): Promise<Ended> {
  const began = performance.now();
  const stdout = new Arrivals();
  const stderr = new Arrivals();
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C on a terminal reaches all of its group: twice, with what is sent below, it would mean not to wait for anything.
    detached: true,
    env: { ...process.env, NO_COLOR: "1" },
  });
  child.stdout.on("data", (bytes: Buffer) => stdout.add(bytes, performance.now() - began));
  child.stderr.on("data", (bytes: Buffer) => stderr.add(bytes, performance.now() - began));
  if (begun) child.stdout.once("data", begun);
  const interrupt = () => void child.kill("SIGINT");
  const timers = [setTimeout(interrupt, patience), setTimeout(() => void child.kill("SIGKILL"), patience + grace)];
  signal.addEventListener("abort", interrupt, { once: true });
  return new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ exitCode: code ?? undefined, seconds: (performance.now() - began) / 1000, stdout, stderr }),
    );
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
  });
}

/** All that the command is made of lies in one directory when it is built. */
const bin = fileURLToPath(new URL("./bin.cjs", import.meta.url));

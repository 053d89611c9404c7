import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as tasks from "./tasks.ts";

export interface Run {
  /** From just before the process was made until it had ended. */
  readonly seconds: number;
  /** Milliseconds since the epoch at the beginning. */
  readonly began: number;
  /** File that holds its stdout. */
  readonly stdout: string;
}

export interface RunOptions {
  /** Where it runs; its output goes there too. */
  readonly place: string;
  readonly stdin?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs a program as a shell would, its output going to files. @throws {Error} when it fails: what fails has no speed. */
export async function run(argv: readonly string[], { place, stdin, env }: RunOptions): Promise<Run> {
  const [command = "", ...args] = argv;
  const stdout = join(place, "stdout");
  const stderr = join(place, "stderr");
  const files = [
    stdin === undefined ? ("ignore" as const) : openSync(stdin, "r"),
    openSync(stdout, "w"),
    openSync(stderr, "w"),
  ];
  try {
    const began = Date.now();
    const start = performance.now();
    const child = spawn(command, args, { cwd: place, stdio: files, env: { ...environment(), ...env } });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    const seconds = (performance.now() - start) / 1000;
    if (code !== 0) throw new Error(failure(argv, code ?? signal, readFileSync(stderr, "utf8")));
    return { seconds, began, stdout };
  } finally {
    for (const file of files) if (file !== "ignore") closeSync(file);
  }
}

/** A script of Node: the one that runs this. */
export function node(script: string, ...args: readonly string[]): string[] {
  return [process.execPath, script, ...args];
}

/** A program of this package, as it is built beside this file. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** A task as users name it: an export of a TypeScript module that nobody compiled. */
export function taskOf(name: keyof typeof tasks): string {
  return `${fileURLToPath(new URL("../src/tasks.ts", import.meta.url))}#${name}`;
}

/** What a package manager adds for its scripts is none of the programs' business. */
export function environment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|PNPM_|TURBO_)/.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

function failure(argv: readonly string[], how: number | string | null, said: string): string {
  return `${argv.join(" ")} ended with ${how}: ${said.trim().slice(-2000) || "it said nothing"}`;
}

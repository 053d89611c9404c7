import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsed, place, skyburst } from "./skyburst.ts";

/** `wait` writes down that it began, and ends when the file that its input names is there. */
const tasks = `
import { appendFileSync, existsSync } from "node:fs";
export const wait = async (file: string, { signal }: { signal: AbortSignal }): Promise<string> => {
  appendFileSync("began", file + "\\n");
  while (!existsSync(file)) {
    if (signal.aborted) throw signal.reason;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return file;
};
export const need = (file: string): string => {
  if (!existsSync(file)) throw new Error(file + " is not there");
  return file;
};
export const square = (x: number): number => x * x;`;

/** Resolves when it holds. Nothing that is waited for takes so long. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const began = performance.now();
    if (await holds()) return;
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}.`);
    // Most of the time is left to those who are waited for: a look may list all processes, or run a command.
    const pause = Math.min(Math.max(20, 4 * (performance.now() - began)), 250);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Resolves when the task with this input has begun. */
export async function began(cwd: string, input: string): Promise<void> {
  const file = join(cwd, "began");
  await until(() => existsSync(file) && readFileSync(file, "utf8").split("\n").includes(input), `${input} begins`);
}

/** Submits, and tells the id that was printed. */
export async function submitted(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await skyburst(cwd, ["submit", ...args]);
  if (exitCode !== 0) throw new Error(`submit ended with ${exitCode}: ${stderr}`);
  return stdout.trim();
}

export async function statusOf(cwd: string, session: string): Promise<Record<string, unknown>> {
  return parsed((await skyburst(cwd, ["status", session, "--json"])).stdout)[0] ?? {};
}

export interface Found {
  readonly pid: number;
  /** It is a supervisor in the background, or stands in for one; else a worker. */
  readonly supervises: boolean;
}

/** Processes of the sessions in the store of this place. */
export function processes(cwd: string, store = ".skyburst"): Found[] {
  const index = join(cwd, store, "index");
  return existsSync(index) ? processesOf(readdirSync(index)) : [];
}

/** By their arguments. */
export function processesOf(sessions: readonly string[]): Found[] {
  return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8", maxBuffer: 1 << 26 })
    .split("\n")
    .flatMap((line): Found[] => {
      const found = (supervises: boolean) => [{ pid: Number.parseInt(line, 10), supervises }];
      if (sessions.some((id) => line.includes(`=${id}.`))) return found(false);
      const marks = sessions.flatMap((id) => [` supervise ${id}`, `stand-in.mjs {"session":"${id}"`]);
      return marks.some((mark) => line.includes(mark)) ? found(true) : [];
    });
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when nothing of the place's sessions runs any more. */
export async function allEnded(cwd: string, store?: string): Promise<void> {
  await until(() => processes(cwd, store).length === 0, "everything ends");
}

const places: string[] = [];

/** A place with these tasks and inputs in it. */
export function stage(inputs: Readonly<Record<string, string>> = {}): string {
  const cwd = place({ "task.ts": tasks, ...inputs });
  places.push(cwd);
  return cwd;
}

/** Lets the tasks with these inputs end. */
export function finish(cwd: string, ...inputs: readonly string[]): void {
  for (const input of inputs) writeFileSync(join(cwd, input), "");
}

export function values(stdout: string): unknown[] {
  return parsed(stdout).map(({ value }) => value);
}

export function killAllOf(cwd: string, store?: string): void {
  for (const { pid } of processes(cwd, store)) process.kill(pid, "SIGKILL");
}

/** Kills what tests that failed have left. */
export function killAll(): void {
  for (const cwd of places) killAllOf(cwd);
}

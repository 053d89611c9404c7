import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export const bin = fileURLToPath(new URL("../dist/bin.cjs", import.meta.url));

const places: string[] = [];
process.once("exit", () => {
  for (const directory of places) rmSync(directory, { recursive: true, force: true });
});

/** A directory of its own with these files in it, gone after the tests. */
export function place(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), "skyburst-cli-"));
  places.push(directory);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** On stdin; without it, stdin is empty. */
  readonly input?: string;
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: { readonly stdout: Buffer; readonly stderr: Buffer };
  readonly exitCode: number | undefined;
}

/** Runs the command as a user starts it, with an empty home. Its exit code is a result. */
export async function skyburst(cwd: string, args: readonly string[], { env, input = "" }: Given = {}): Promise<Ended> {
  const { stdout, stderr, exitCode } = await execa(process.execPath, [bin, ...args], {
    cwd,
    reject: false,
    input,
    stripFinalNewline: false,
    encoding: "buffer",
    env: environment(cwd, env),
  });
  const bytes = { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
  return { stdout: bytes.stdout.toString(), stderr: bytes.stderr.toString(), bytes, exitCode };
}

export interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** What it wrote to stderr so far. */
  errors(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code when it has ended. */
  readonly ended: Promise<number | undefined>;
}

/** Starts the command. */
export function started(cwd: string, args: readonly string[], { env }: Given = {}): Running {
  const child = execa(process.execPath, [bin, ...args], {
    cwd,
    reject: false,
    buffer: false,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    env: environment(cwd, env),
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    errors: () => errors,
    kill: (signal) => void child.kill(signal),
    ended: child.then(({ exitCode }) => exitCode),
  };
}

/** Resolves when the process has written this to stdout, with all that it wrote until then. */
export function written({ stdout }: Running, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = "";
    stdout.on("data", (chunk: Buffer) => {
      all += chunk.toString();
      if (all.includes(text)) resolve(all);
    });
    stdout.once("close", () =>
      reject(new Error(`The process ended without writing ${JSON.stringify(text)}; it wrote ${JSON.stringify(all)}.`)),
    );
  });
}

/** Lines of JSON. */
export function parsed(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function environment(cwd: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { HOME: cwd, DEBUG: "", NO_COLOR: "1", ...env };
}

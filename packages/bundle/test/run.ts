import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

export interface Ran {
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string; readonly stack: string };
}

export const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).href;
export const fixturePath = (name: string): string => fileURLToPath(fixture(name));

/** Runs a program as a worker would: from a cache directory, in a Node of its own with source maps on. */
export async function run(bytes: Uint8Array | string, input: readonly unknown[] = [], from?: string): Promise<Ran> {
  const file = join(await scratch(), "program.mjs");
  await writeFile(file, bytes);
  const more = from === undefined ? [] : [from];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--enable-source-maps", fixturePath("run-program.mjs"), file, JSON.stringify(input), ...more],
    // What vitest sets for its own workers isn't the program's.
    { env: { PATH: process.env.PATH } },
  );
  return JSON.parse(stdout) as Ran;
}

/** A directory of this test's own. */
export async function scratch(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "skyburst-bundle-test-")));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes a project and gives the `file:` URL of a file in it. */
export async function project(files: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const directory = await scratch();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return (name) => pathToFileURL(join(directory, name)).href;
}

/** What `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("It did not reject");
    },
    (error: unknown) => error,
  );
}

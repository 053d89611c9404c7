import { lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { CliError } from "../errors.ts";

/** Files of supervisors that ended long ago are deleted when another is started, and few of them at a time. */
const keptFor = 7 * 86_400_000;
const mostDeleted = 16;

/** A file that a process without a terminal prints to. Only this user can read it: errors may name what others should not know. */
export function outputFile(session: string): { readonly path: string; readonly descriptor: number } {
  const directory = join(tmpdir(), `skyburst-${process.getuid?.() ?? userInfo().username}`);
  make(directory);
  assertPrivate(directory);
  tidy(directory);
  const path = join(directory, `${beginning}${session}.${Date.now().toString(36)}-${process.pid}.log`);
  return { path, descriptor: openSync(path, "ax", 0o600) };
}

const beginning = "supervise.";

/** What it printed so far, at most so many characters of it; empty when nothing is there any more. */
export function tail(path: string, characters: number): string {
  try {
    return readFileSync(path, "utf8").slice(-characters);
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

/** Not with its parents: in a place that takes no directories, Node makes them for ever. */
function make(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** Anybody can put a directory of this name where all users write, and would then own what is in it. */
function assertPrivate(directory: string): void {
  const found = lstatSync(directory);
  const uid = process.getuid?.();
  if (found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0))) return;
  throw new CliError(
    "usage",
    `${directory} must be a directory that belongs to this user alone (mode 0700): remove it, or name another place by TMPDIR.`,
  );
}

function tidy(directory: string): void {
  const old = readdirSync(directory)
    .filter((name) => name.startsWith(beginning))
    .map((name) => join(directory, name))
    .filter((path) => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > keptFor);
  for (const path of old.slice(0, mostDeleted)) rmSync(path, { force: true });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

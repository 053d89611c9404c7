import { lstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { CliError } from "../errors.ts";

/** Files of supervisors that ended long ago, or were killed before they said anything, are deleted when another is started, few at a time. */
const keptFor = 7 * 86_400_000;
const mostDeleted = 16;

/** What a process that is about to start prints to. */
export interface OutputFile {
  /** From which its process makes out the file's name, by {@link outputOf}. */
  readonly prefix: string;
  readonly descriptor: number;
  /** The process has started: the file bears its id, so that it can be told whether anything will still be printed. */
  begun(pid: number): string;
}

/** A file that a process without a terminal prints to. Only this user can read it: errors may name what others should not know. */
export function outputFile(session: string): OutputFile {
  const directory = join(tmpdir(), `skyburst-${process.getuid?.() ?? userInfo().username}`);
  make(directory);
  assertPrivate(directory);
  tidy(directory);
  const prefix = join(directory, `${beginning}${session}.${Date.now().toString(36)}-${process.pid}`);
  const early = `${prefix}.log`;
  return {
    prefix,
    descriptor: openSync(early, "ax", 0o600),
    begun(pid) {
      renameSync(early, outputOf(prefix, pid));
      return outputOf(prefix, pid);
    },
  };
}

export function outputOf(prefix: string, pid: number): string {
  return `${prefix}.${pid}.log`;
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
    .filter(isUseless);
  for (const path of old.slice(0, mostDeleted)) rmSync(path, { force: true });
}

function isUseless(path: string): boolean {
  const { mtimeMs = 0, size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const pid = Number(/\.(\d+)\.log$/.exec(path)?.[1]);
  return Date.now() - mtimeMs > keptFor || (size === 0 && pid > 0 && hasEnded(pid));
}

function hasEnded(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is somebody else's by now, and may be left for a while.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

import { availableParallelism, tmpdir, totalmem, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { LocalBackendError } from "./errors.ts";

export interface LocalOptions {
  /**
   * Most workers of this backend object that run at a time. Default: one per 64 MiB of this machine's memory, at least
   * 8; an idle worker takes about 50 MiB.
   */
  readonly maxWorkers?: number | undefined;
  /** Tasks that a worker runs at a time when nothing else is asked for. Default: the processors of this machine. */
  readonly slots?: number | undefined;
  /** Path of the `node` that runs workers. Default: the one that runs this process. */
  readonly node?: string | undefined;
  /**
   * Where the output of worker processes goes, a file for each. Default: `skyburst-<user>` in the system's directory
   * for temporary files, readable by this user only. Files older than 7 days, and empty ones older than an hour, are
   * deleted when later workers are launched.
   */
  readonly directory?: string | undefined;
}

export interface ResolvedOptions {
  /** As they were given, for another process of this machine. */
  readonly given: { readonly [name in keyof LocalOptions]?: string | number };
  readonly maxWorkers: number;
  readonly slots: number;
  readonly node: string;
  readonly directory: string;
  /** The directory is in a place where others may write, so that what is found there has to be checked. */
  readonly shared: boolean;
}

const BYTES_PER_WORKER = 64 * 1024 * 1024;
const LEAST_MAX_WORKERS = 8;

/** @throws {LocalBackendError} `option`, naming the option and its value. */
export function resolveOptions(options: LocalOptions): ResolvedOptions {
  const { maxWorkers, slots, node, directory } = options;
  const all = { maxWorkers, slots, node, directory: directory === undefined ? undefined : resolve(directory) };
  return {
    given: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
    maxWorkers: count("maxWorkers", options.maxWorkers) ?? defaultMaxWorkers(),
    slots: count("slots", options.slots) ?? availableParallelism(),
    node: text("node", options.node) ?? process.execPath,
    directory: resolve(text("directory", options.directory) ?? join(tmpdir(), `skyburst-${userName()}`)),
    shared: options.directory === undefined,
  };
}

function count(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new LocalBackendError(
    "option",
    `local({ ${name}: ${String(value)} }): give an integer of at least 1, or leave it out.`,
  );
}

function text(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "" && !value.includes("\0"))) return value;
  throw new LocalBackendError("option", `local({ ${name}: ${JSON.stringify(value)} }): give a path, or leave it out.`);
}

function defaultMaxWorkers(): number {
  return Math.max(LEAST_MAX_WORKERS, Math.floor(totalmem() / BYTES_PER_WORKER));
}

function userName(): string {
  return String(process.getuid?.() ?? userInfo().username);
}

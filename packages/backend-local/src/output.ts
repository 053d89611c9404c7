import { closeSync, fstatSync, lstatSync, mkdirSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LocalBackendError, systemCode } from "./errors.ts";
import { parseId } from "./label.ts";
import type { ResolvedOptions } from "./options.ts";

const TAIL_BYTES = 64 * 1024;
const SUFFIX = ".log";

/** What is deleted, and how much of it per launch: few, since creating files is slow where many were just deleted. */
const TIDY = { empty: 60 * 60 * 1000, any: 7 * 24 * 60 * 60 * 1000, looks: 64, deletes: 16 } as const;

/**
 * The files that worker processes print to: files and not pipes, so that a worker can outlive the process that launched
 * it and what it printed can be read when both are gone.
 */
export class Output {
  readonly #options: ResolvedOptions;
  #checked = false;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** A file descriptor to print to. The caller closes it. */
  open(id: string): number {
    if (!this.#checked) this.#makeDirectory();
    try {
      return openSync(this.#path(id), "ax", 0o600);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      this.#makeDirectory();
      return openSync(this.#path(id), "ax", 0o600);
    }
  }

  /** The end of what a worker printed; empty when it printed nothing or nothing of it is kept. */
  tail(id: string): string {
    if (!parseId(id)) return "";
    try {
      return readTail(this.#path(id));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return "";
      throw error;
    }
  }

  discard(id: string): void {
    rmSync(this.#path(id), { force: true });
  }

  discardIfEmpty(id: string): void {
    if (statSync(this.#path(id), { throwIfNoEntry: false })?.size === 0) this.discard(id);
  }

  /** Deletes some of what is old, and never a file that a living worker prints to. */
  async tidy(now: number, living: () => Promise<ReadonlyMap<string, unknown>>): Promise<void> {
    const old = await this.#old(now);
    if (old.length === 0) return;
    const workers = await living();
    await Promise.all(old.filter((id) => !workers.has(id)).map((id) => rm(this.#path(id), { force: true })));
  }

  async #old(now: number): Promise<readonly string[]> {
    const ids = (await readdir(this.#options.directory))
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length));
    const candidates = ids.filter((id) => age(id, now) > TIDY.empty);
    // Another place at each launch: files that have to stay must not hide the others.
    const first = candidates.length > TIDY.looks ? now % (candidates.length - TIDY.looks) : 0;
    const old: string[] = [];
    for (const id of candidates.slice(first, first + TIDY.looks)) {
      if (old.length === TIDY.deletes) break;
      if (age(id, now) > TIDY.any || (await stat(this.#path(id))).size === 0) old.push(id);
    }
    return old;
  }

  #path(id: string): string {
    return join(this.#options.directory, id + SUFFIX);
  }

  #makeDirectory(): void {
    mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
    if (this.#options.shared) assertPrivate(this.#options.directory);
    this.#checked = true;
  }
}

/** Anybody can put a directory of this name where all users write, and would then own what is in it. */
function assertPrivate(directory: string): void {
  const found = lstatSync(directory);
  const uid = process.getuid?.();
  if (found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0))) return;
  throw new LocalBackendError(
    "permission",
    `${directory} must be a directory that belongs to this user alone (mode 0700): remove it, or name another with local({ directory }).`,
  );
}

function age(id: string, now: number): number {
  const label = parseId(id);
  return label ? now - label.startedAt : 0;
}

function readTail(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - from);
    const text = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, from));
    // A cut text begins with a whole line.
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    closeSync(descriptor);
  }
}

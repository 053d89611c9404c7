import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** For how long it is believed, in milliseconds: a store, or the way to it, may change unseen. */
const believedFor = 24 * 3_600_000;

/**
 * Which workers are known to reach their store: on this engine, of this image, in this network and so on. Kept for other processes as
 * well, in the user's cache. Only what went well is kept: what did not may have been mended.
 */
export class Findings {
  readonly #folder: string;
  readonly #known = new Set<string>();

  constructor(folder = findingsFolder()) {
    this.#folder = folder;
  }

  /** @param what All that it depends on. */
  has(what: unknown): boolean {
    const name = nameOf(what);
    if (!this.#known.has(name) && isFresh(join(this.#folder, name))) this.#known.add(name);
    return this.#known.has(name);
  }

  keep(what: unknown): void {
    const name = nameOf(what);
    this.#known.add(name);
    try {
      mkdirSync(this.#folder, { recursive: true });
      for (const other of readdirSync(this.#folder).map((file) => join(this.#folder, file)))
        if (!isFresh(other)) rmSync(other, { force: true });
      writeFileSync(join(this.#folder, name), "");
    } catch {
      // Where nothing can be kept, the next process looks for itself.
    }
  }

  /** Of all engines: which of them one was made on is not kept. */
  forget(): void {
    this.#known.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Where they are kept: `skyburst/docker` in `$XDG_CACHE_HOME`, else in `~/.cache`. */
function findingsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skyburst", "docker");
}

function nameOf(what: unknown): string {
  return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 32);
}

function isFresh(path: string): boolean {
  try {
    return Math.abs(Date.now() - statSync(path).mtimeMs) < believedFor;
  } catch {
    // It is not there, or can't be looked at, which comes to the same.
    return false;
  }
}

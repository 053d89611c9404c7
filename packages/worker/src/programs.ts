import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Facts, SessionKeys } from "@skyburst/core/protocol";

/** Task programs of the session, fetched once per worker, verified, and kept as files that threads can import. */
export class Programs {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #files = new Map<string, Promise<string>>();
  #directory: Promise<string> | undefined;

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  /** Path of the program's file. */
  file(sha256: string): Promise<string> {
    const known = this.#files.get(sha256) ?? this.#fetch(sha256);
    this.#files.set(sha256, known);
    return known;
  }

  async close(): Promise<void> {
    const directory = await this.#directory;
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }

  async #fetch(sha256: string): Promise<string> {
    const key = this.#keys.program(sha256);
    const bytes = await this.#facts.get(key);
    if (!bytes) throw new Error(`The session's store has no ${key}.`);
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256) throw new Error(`${key} was changed: its SHA-256 is ${found}. It is not run.`);
    const path = join(await (this.#directory ??= mkdtemp(join(tmpdir(), "skyburst-"))), `${sha256}.mjs`);
    await writeFile(path, bytes, { mode: 0o600 });
    return path;
  }
}

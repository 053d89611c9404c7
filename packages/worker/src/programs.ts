import { createHash } from "node:crypto";
import type { Facts, SessionKeys } from "@skyburst/core/protocol";
import type { PrivateFiles } from "./private-files.ts";

/** Task programs of the session, fetched once per worker, verified, and kept as files that threads can import. */
export class Programs {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #files = new Map<string, Promise<string>>();
  readonly #place: PrivateFiles;

  constructor(facts: Facts, keys: SessionKeys, place: PrivateFiles) {
    this.#facts = facts;
    this.#keys = keys;
    this.#place = place;
  }

  /** Path of the program's file. */
  file(sha256: string): Promise<string> {
    const known = this.#files.get(sha256);
    if (known) return known;
    const fetching = this.#fetch(sha256);
    this.#files.set(sha256, fetching);
    // Another attempt is another try.
    fetching.catch(() => this.#files.delete(sha256));
    return fetching;
  }

  async #fetch(sha256: string): Promise<string> {
    const key = this.#keys.program(sha256);
    const bytes = await this.#facts.get(key);
    if (!bytes) throw new Error(`The session's store has no ${key}.`);
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256) throw new Error(`${key} was changed: its SHA-256 is ${found}. It is not run.`);
    return this.#place.write(`${sha256}.mjs`, bytes);
  }
}

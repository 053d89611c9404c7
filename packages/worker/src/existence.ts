import type { Facts, Ledger, Runtime, SessionKeys } from "@skyburst/core/protocol";

/** Milliseconds between two questions: of a store that answers nothing a worker despairs after as long. */
const interval = 300_000;

/**
 * Whether the session is still there. What tells a worker to end are facts of its session; who deletes all of it at once, or its whole
 * store, tells nobody, and a task may run for days.
 */
export class Existence {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #runtime: Runtime;
  #askAt = Number.POSITIVE_INFINITY;
  /** The newest entry that is known to be there. */
  #rev = -1;

  constructor(facts: Facts, keys: SessionKeys, runtime: Runtime) {
    this.#facts = facts;
    this.#keys = keys;
    this.#runtime = runtime;
  }

  /** Asks now and then, while nobody adds to the ledger. @throws when the session is gone. */
  async check({ rev }: Ledger): Promise<void> {
    const now = this.#runtime.monotonic();
    const isNew = rev !== this.#rev;
    if (!isNew && now < this.#askAt) return;
    this.#rev = rev;
    this.#askAt = now + interval;
    if (isNew || (await this.#facts.get(this.#keys.manifest(rev)))) return;
    throw new Error(`The session is gone from its store: ${this.#keys.manifest(rev)} is not there any more.`);
  }
}

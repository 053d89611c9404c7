import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Ledger, Submission } from "../protocol/ledger.ts";
import { SkyburstError } from "../errors.ts";
import { followLedger } from "../protocol/read-ledger.ts";

/** The ledger as this client knows it, shared by its submissions, its collectors and its supervisor. */
export class LedgerView {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  #current: Ledger;
  #last: Promise<unknown> = Promise.resolve();

  constructor(facts: Facts, keys: SessionKeys, ledger: Ledger) {
    this.#facts = facts;
    this.#keys = keys;
    this.#current = ledger;
  }

  get current(): Ledger {
    return this.#current;
  }

  submission(id: string): Submission | undefined {
    return this.#current.submissions.find((submission) => submission.id === id);
  }

  /** Takes a newer ledger in; an older one, of a reader that was overtaken, changes nothing. */
  advance(ledger: Ledger): void {
    if (ledger.rev > this.#current.rev) this.#current = ledger;
  }

  /** Runs an append after those before it: entries of one client would only take each other's place. */
  inTurn<T>(append: () => Promise<T>): Promise<T> {
    const appended = this.#last.then(append);
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  /** @throws {SkyburstError} `session` when the ledger is not in the store any more: nothing will come of it. */
  async confirm(): Promise<void> {
    const key = this.#keys.manifest(this.#current.rev);
    if (await this.#facts.get(key)) return;
    throw new SkyburstError("session", `The store lost ${key}: somebody removed the session, or all of the store.`);
  }

  /** Reads what others added since. */
  async follow(): Promise<void> {
    this.advance(await followLedger(this.#facts, this.#keys, this.#current));
  }
}

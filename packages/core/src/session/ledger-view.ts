import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Ledger, Submission } from "../protocol/ledger.ts";
import { SkyburstError } from "../errors.ts";
import type { Proposal } from "../protocol/limits.ts";
import { appendEntry, followLedger } from "../protocol/read-ledger.ts";

/** The ledger as this client knows it, shared by its submissions, its collectors and its supervisor. */
export class LedgerView {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #client: string | undefined;
  #current: Ledger;
  /** Of the client's next entry. The first one is that of entry 0, if this client wrote it. */
  #ordinal = 1;
  #last: Promise<unknown> = Promise.resolve();
  #looks = 0;
  #lost: SkyburstError | undefined;

  /** @param client In whose name entries are added. undefined: by a reader, which adds none. */
  constructor(facts: Facts, keys: SessionKeys, ledger: Ledger, client?: string) {
    this.#facts = facts;
    this.#keys = keys;
    this.#current = ledger;
    this.#client = client;
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

  /**
   * Adds an entry in the client's name. Entries of one client are numbered here and nowhere else: two with one number would each
   * be taken for the other. false: the session is removed, or the proposal does not hold any more.
   */
  append({ operations, admissible }: Proposal): Promise<boolean> {
    const actor = this.#client;
    if (actor === undefined) throw new TypeError("A reader of a session adds nothing to its ledger.");
    return this.inTurn(async () => {
      const writing = { actor, ordinal: this.#ordinal++, operations };
      const entered = await appendEntry(this.#facts, this.#keys, this.#current, writing, admissible);
      this.advance(entered.ledger);
      return entered.written;
    });
  }

  /** Runs an append after those before it: entries of one client would only take each other's place. */
  inTurn<T>(append: () => Promise<T>): Promise<T> {
    const appended = this.#last.then(append);
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  /** Why nothing will come of the session, and nothing is written to it any more: its ledger was found to be gone. */
  get lost(): SkyburstError | undefined {
    return this.#lost;
  }

  /** @throws {SkyburstError} `session` when the ledger is not in the store any more: nothing will come of it. */
  async confirm(): Promise<void> {
    const key = this.#keys.manifest(this.#current.rev);
    if (await this.#facts.get(key)) return;
    this.#lost = new SkyburstError(
      "session",
      `The store lost ${key}: somebody removed the session, or all of the store.`,
    );
    throw this.#lost;
  }

  /** How often anybody looked whether others had added something. */
  get looks(): number {
    return this.#looks;
  }

  /** Reads what others added since. */
  async follow(): Promise<void> {
    this.#looks++;
    this.advance(await followLedger(this.#facts, this.#keys, this.#current));
  }
}

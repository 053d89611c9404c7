import { jsonBody } from "../../protocol/lines.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { SkyburstError } from "../../errors.ts";

/** What who supervised says last. */
export type LastReason = "closed" | "detached" | "over" | "failed";

/** The last word of a client that supervised: it frees its place at once. Said once, whoever says it first. */
export class LastWord {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #client: string;
  #word: Promise<unknown> | undefined;

  constructor({ facts, keys, client }: { readonly facts: Facts; readonly keys: SessionKeys; readonly client: string }) {
    this.#facts = facts;
    this.#keys = keys;
    this.#client = client;
  }

  /** @param failure Why it can't go on: that says more than any reason. */
  async say(reason: LastReason, failure: SkyburstError | undefined): Promise<void> {
    const why = failure ? { reason: "failed", message: failure.message } : { reason };
    const body = jsonBody({ v: 1, ...why, by: this.#client });
    this.#word ??= this.#facts.create(this.#keys.gone(this.#client), body);
    try {
      await this.#word;
    } catch (error) {
      // Of a disk that was full when it failed. Who leaves later tries again.
      this.#word = undefined;
      throw error;
    }
  }
}

import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Ledger } from "../../../protocol/ledger.ts";
import { lastReason } from "./burials.ts";
import type { Seat } from "./burials.ts";

/** Workers that left because they found nothing to lease: others in their place would find nothing either, before there is something new. */
export class IdleWorkers {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  /** Left in order, and were not asked why yet. */
  #left: Seat[] = [];
  #idle = 0;
  #known = "";

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  left(seat: Seat): void {
    this.#left.push(seat);
  }

  /** There is something new. */
  forget(): void {
    this.#idle = 0;
    this.#left = [];
  }

  /** What is new in the ledger counts, but for what only says how things are. */
  follow({ chunks, grants, submissions, paused }: Ledger): void {
    const known = `${chunks} ${grants} ${submissions.length} ${paused === undefined}`;
    if (known !== this.#known) this.forget();
    this.#known = known;
  }

  /** As far as is known. */
  get count(): number {
    return this.#idle;
  }

  /** Asks for the last words of those who left since: two requests for each. */
  async ask(): Promise<number> {
    for (const seat of this.#left.splice(0))
      if ((await lastReason(this.#facts, this.#keys, seat)) === "idle") this.#idle++;
    return this.#idle;
  }
}

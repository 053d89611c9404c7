import type { StorePace } from "../../store.ts";
import { looksAreDear } from "./look-pace.ts";

/** Listings in vain from which on most chunks are taken to be one commit, of which a part never shows. */
const inVain = 4;

/** Of looks that come after so many listings in vain, one in so many lists parts where they cost money. */
const seldom = 4;

/** Looks in a row that found nothing, behind which not each of them lists parts any more. */
const soon = 8;

/**
 * When a look lists parts of chunks that run. Most chunks have none, and a listing costs several times what the question for the next
 * commit does: soon at first, then every nth time. Where looks cost money, what earlier listings told counts, whatever was done since.
 */
export class PartLooks {
  readonly #dear: boolean;
  readonly #every: number;
  #vain = 0;
  #skipped = 0;

  /** @param every Of looks that come after many in vain, one in so many lists parts. */
  constructor(pace: Pick<StorePace, "poll">, every: number) {
    this.#dear = looksAreDear(pace);
    this.#every = every;
  }

  /** @param quiet Looks in a row that found nothing. */
  due(quiet: number): boolean {
    if (quiet === 0) return false;
    if (!this.#dear) return quiet < soon || quiet % this.#every === 0;
    if (this.#vain < inVain) return true;
    return ++this.#skipped % seldom === 0;
  }

  /** A listing was made: whether it told anything new. */
  told(anything: boolean): void {
    this.#vain = anything ? 0 : this.#vain + 1;
  }
}

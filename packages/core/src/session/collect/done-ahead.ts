import type { Chunk } from "../../protocol/chunk.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Runtime } from "../../runtime.ts";
import { ReadAhead } from "./read-ahead.ts";

/** Chunks in a row that were done when they were asked for: behind them there are likely more. */
const worthListing = 2;

/**
 * Reads the commits of chunks ahead that come one after the other, where the store takes its time: one listing tells which of them
 * are there, and several are read at a time.
 */
export class DoneAhead {
  readonly reads: ReadAhead;
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  #inRow = 0;
  /** Name of the last chunk that was planned. */
  #planned = "";

  constructor(facts: Facts, keys: SessionKeys, runtime: Pick<Runtime, "monotonic">) {
    this.reads = new ReadAhead(facts, runtime);
    this.#facts = facts;
    this.#keys = keys;
  }

  /** A chunk had to be waited for. */
  waited(): void {
    this.#inRow = 0;
  }

  /** All of the chunk was read. */
  async passed(chunk: Chunk): Promise<void> {
    const name = this.#keys.chunk(chunk);
    if (++this.#inRow < worthListing || !this.reads.slow || name < this.#planned) return;
    this.#inRow = 0;
    this.reads.plan(await this.#there(`${name}~`));
  }

  /** Ends of turns behind this place, as far as one page tells. Which parts there are, each of them says. */
  async #there(after: string): Promise<string[]> {
    const { dones } = this.#keys;
    for await (const { entries } of this.#facts.list(dones, { after: dones + after })) {
      const last = entries.at(-1)?.key.slice(dones.length);
      // Of the last chunk there may be more on the next page.
      if (last !== undefined) this.#planned = last.slice(0, after.length - 1);
      return entries.map(({ key }) => key);
    }
    return [];
  }
}

import type { Backend } from "../../../backend.ts";
import { SkyburstError } from "../../../errors.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import { deathsInARow } from "./deaths.ts";
import type { LedgerView } from "../../ledger-view.ts";

export interface SetbacksOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly view: LedgerView;
  readonly backend: Backend;
}

/** Launches in a row whose workers all ended before they worked, after which nobody expects the next to do better. */
const launchLimit = 3;

/** What went wrong with workers, in a row: those that were born dead, and those that died at work. */
export class Setbacks {
  readonly #options: SetbacksOptions;
  #stillborn = 0;
  #births = 0;
  /** At most so many workers crashed in a row. */
  #deaths = 0;

  constructor(options: SetbacksOptions) {
    this.#options = options;
  }

  /** Launches of which no worker came to work. */
  get failures(): number {
    return this.#stillborn;
  }

  /** Each of those who are gone may have crashed; exactly that is asked for when it matters. */
  inherit(gone: number): void {
    this.#deaths = gone;
  }

  /** Outcomes came in: what died before was not the work's fault alone. */
  progressed(succeeded: boolean): void {
    this.#stillborn = 0;
    if (succeeded) this.#deaths = 0;
  }

  /** A worker ended before it was born. In a row: nobody was born between. Returns why to go no further, when it is one too many. */
  async countStillborn(id: string): Promise<SkyburstError | undefined> {
    const { backend, facts, keys } = this.#options;
    const births = (await listAll(facts, keys.births)).entries.length;
    this.#stillborn = births > this.#births ? 1 : this.#stillborn + 1;
    this.#births = births;
    if (this.#stillborn < launchLimit) return undefined;
    const said = (await backend.logs?.(id))?.trim();
    return new SkyburstError(
      "workers",
      `Workers on ${backend.name} end before they work.${said ? ` The last one said: ${said.slice(-2000)}` : ""}`,
    );
  }

  /** A worker died at work. What was counted here may be too many: before the session is paused for it, the facts are. */
  async countDeath(): Promise<void> {
    const { facts, keys, view } = this.#options;
    const { crashBudget } = view.current.session;
    if (++this.#deaths < crashBudget || view.current.paused) return;
    this.#deaths = await deathsInARow(facts, keys, view.current);
    if (this.#deaths < crashBudget) return;
    const message = `${this.#deaths} workers in a row died without one success`;
    await view.append({
      operations: [{ op: "pause", because: "crashes", message }],
      admissible: (ledger) => !ledger.paused,
    });
  }
}

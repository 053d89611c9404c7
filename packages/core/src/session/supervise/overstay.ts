import type { Backend } from "../../backend.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import type { Place } from "../place.ts";
import { longestStay } from "../remove/orphans.ts";
import { persistently } from "./persistently.ts";
import type { Supervisor } from "./supervisor.ts";

/**
 * Stops workers that are still there though their session is over. They leave by themselves; one that is frozen, or that hangs as it ends,
 * would be kept, and paid for, for ever.
 */
export class Overstay {
  readonly #place: Place;
  readonly #supervisor: Supervisor;
  readonly #backend: Backend;
  /** When all was first seen to be done, on our own clock, and as of which entry of the ledger. */
  #done: { readonly at: number; readonly rev: number } | undefined;
  #askAt = Number.NEGATIVE_INFINITY;

  constructor(place: Place, supervisor: Supervisor, backend: Backend) {
    this.#place = place;
    this.#supervisor = supervisor;
    this.#backend = backend;
  }

  /** Called now and then. Asks the store as often as a TTL, while workers are there and nothing more can come. */
  async look(): Promise<void> {
    const { runtime, view } = this.#place;
    const ledger = view.current;
    const now = runtime.monotonic();
    if (this.#supervisor.live === 0 || !nothingComes(ledger) || now < this.#askAt) return;
    this.#askAt = now + ledger.session.ttl;
    if (!ledger.removed && (await this.#supervisor.remaining.ofAll()) > 0) return;
    if (this.#done?.rev !== ledger.rev) this.#done = { at: now, rev: ledger.rev };
    if (now - this.#done.at > longestStay(ledger)) await this.#stopAll();
  }

  async #stopAll(): Promise<void> {
    const { id, runtime } = this.#place;
    await persistently(runtime, never, async () => {
      const left = (await this.#backend.list(id)).filter(({ state }) => state !== "exited");
      await this.#backend.stop(left.map((worker) => worker.id));
    });
  }
}

function nothingComes({ removed, cancelled, submissions }: Ledger): boolean {
  return removed === true || ((cancelled || submissions.length > 0) && submissions.every(({ ended }) => ended));
}

const never = new AbortController().signal;

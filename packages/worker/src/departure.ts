import { listAll, stateOf } from "@skyburst/core/protocol";
import type { Facts, Ledger, SessionKeys } from "@skyburst/core/protocol";
import type { Finder } from "./finder.ts";

/** How long a worker without work stays in a session to which more may come, at least, in milliseconds. */
const openPatience = 30_000;

export interface DepartureOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly finder: Finder;
}

/** A worker without work, as it stands now. */
export interface Idle {
  readonly ledger: Ledger;
  /** Incarnation. */
  readonly id: string;
  /** Milliseconds without work. */
  readonly time: number;
}

/** When a worker that has nothing to do leaves. */
export class Departure {
  readonly #options: DepartureOptions;
  /** The ledger's entry on which all was last said to be over. */
  #said = -1;

  constructor(options: DepartureOptions) {
    this.#options = options;
  }

  /** Why to leave now; `silence`: nothing was added for so long that the session is to be ended; undefined: stay. */
  async reason(idle: Idle): Promise<"over" | "idle" | "silence" | undefined> {
    const { facts, keys, finder } = this.#options;
    const { ledger, time } = idle;
    const state = stateOf(ledger);
    if (state === "removed") return "over";
    if (!finder.allFinished(ledger)) return this.#behindOthers(idle);
    if (state !== "open" && this.#said !== ledger.rev) {
      this.#said = ledger.rev;
      await facts.create(keys.over(ledger.rev), empty);
    }
    if (time < patience(ledger.session, state === "open")) return undefined;
    if (state !== "open") return "over";
    // What nobody has opened can't be ended.
    const { session, submissions } = ledger;
    const ends = submissions.length > 0 && time >= (session.idleTimeout ?? Number.POSITIVE_INFINITY);
    return ends ? "silence" : "idle";
  }

  /** Who saw the end first said so: one GET instead of a look at every chunk. */
  async isOver(ledger: Ledger): Promise<boolean> {
    const { facts, keys, finder } = this.#options;
    if (stateOf(ledger) === "open" || !(await facts.get(keys.over(ledger.rev)))) return false;
    this.#said = ledger.rev;
    finder.settle(ledger);
    return true;
  }

  async #behindOthers(idle: Idle): Promise<"over" | "idle" | undefined> {
    if (idle.ledger.paused) return "over";
    return (await this.#isSurplus(idle)) ? "idle" : undefined;
  }

  /** Of those who wait behind the last chunks only some stay, in case an owner is lost; longer than that takes to show. */
  async #isSurplus({ ledger, id, time }: Idle): Promise<boolean> {
    const { facts, keys, finder } = this.#options;
    if (stateOf(ledger) !== "ended" || time < ledger.session.ttl * 1.5) return false;
    const { entries, now } = await listAll(facts, keys.workers);
    const names = entries
      .filter(({ modified }) => now - modified < ledger.session.ttl)
      .map(({ key }) => key.slice(keys.workers.length));
    const alive = names.filter((name) => !name.startsWith("client."));
    const rank = alive.map(hash).filter((other) => other < hash(id)).length;
    return rank >= Math.max(2, finder.unfinished(ledger) / 8);
  }
}

/** Milliseconds without work after which a worker decides whether to stay, once all is done that is known of. */
export function patience({ linger, idleTimeout = Number.POSITIVE_INFINITY }: Ledger["session"], open: boolean): number {
  return open ? Math.min(Math.max(linger, openPatience), idleTimeout) : linger;
}

const empty = new Uint8Array();

/** FNV-1a: any fixed order among workers will do. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) value = Math.imul(value ^ text.charCodeAt(n), 0x01000193) >>> 0;
  return value;
}

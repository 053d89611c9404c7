import type { Facts } from "../../protocol/facts.ts";
import { stateOf } from "../../protocol/fold.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Entry, Ledger } from "../../protocol/ledger.ts";
import { deadlinePause, idleEnd } from "../../protocol/limits.ts";
import { newestEntry } from "./fleet/deaths.ts";
import type { LedgerView } from "../ledger-view.ts";
import type { RemainingWork } from "./work/remaining.ts";

export interface EnforcementOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly view: LedgerView;
  readonly remaining: RemainingWork;
}

/** Holds a session to its times: pauses it at its deadline, and ends it when nobody adds anything for its idle timeout. */
export class Enforcement {
  readonly #options: EnforcementOptions;
  /** When somebody last said something in the ledger, as of this entry. */
  #word: { readonly rev: number; readonly at: number } | undefined;

  constructor(options: EnforcementOptions) {
    this.#options = options;
  }

  /** Says what is due, and in how many milliseconds something is. Asks for the time only where there is a limit. */
  async enforce(): Promise<number> {
    const { facts, view } = this.#options;
    const ledger = view.current;
    if (isOver(ledger)) return Number.POSITIVE_INFINITY;
    const { deadline, idleTimeout } = ledger.session;
    const dues = [Number.POSITIVE_INFINITY];
    if (deadline !== undefined) dues.push(await this.#atDeadline(ledger, deadline, await facts.now()));
    if (idleTimeout !== undefined && isOpen(ledger)) dues.push(await this.#whenIdle(ledger, idleTimeout));
    return Math.min(...dues);
  }

  async #atDeadline(ledger: Ledger, deadline: number, now: number): Promise<number> {
    const { view, remaining } = this.#options;
    if (now < deadline) return deadline - now;
    // What is done stays done.
    if (stateOf(ledger) !== "ended" || (await remaining.ofAll()) > 0)
      await view.append(deadlinePause(ledger, () => now));
    return Number.POSITIVE_INFINITY;
  }

  async #whenIdle(ledger: Ledger, idleTimeout: number): Promise<number> {
    const { facts, keys, view } = this.#options;
    if (this.#word?.rev !== ledger.rev)
      this.#word = { rev: ledger.rev, at: await newestEntry(facts, keys, ledger, saysMore) };
    const left = this.#word.at + idleTimeout - (await facts.now());
    if (left > 0) return left;
    await view.append(idleEnd(ledger));
    return Number.POSITIVE_INFINITY;
  }
}

/** Nothing is enforced any more. */
function isOver({ paused, cancelled, removed }: Ledger): boolean {
  return paused !== undefined || cancelled || removed === true;
}

function isOpen({ submissions }: Ledger): boolean {
  return submissions.some(({ ended }) => !ended);
}

/** What a supervisor writes by itself is no sign that anybody will add something. */
function saysMore({ operations }: Entry): boolean {
  return operations.some(({ op }) => op !== "horizon" && op !== "pause" && op !== "warn");
}

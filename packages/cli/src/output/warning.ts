import type { SessionStatus } from "@skyburst/core";
import { money } from "./money.ts";
import { tell } from "./tell.ts";

/** Says once on stderr that a session has cost what somebody wanted to be told of: `--quiet` does not silence what was asked for. */
export class Warning {
  #told: string | undefined;

  /** @param clear Makes room on a terminal. */
  async hear({ warned }: Pick<SessionStatus, "warned">, clear: () => void = () => undefined): Promise<void> {
    if (warned === undefined || warned === this.#told) return;
    this.#told = warned;
    clear();
    await tell(`warning: ${warned}`);
  }

  /** The same of a session that is over: one that was short may have cost as much before anybody who supervises said so. */
  async hearAtEnd(status: Pick<SessionStatus, "warned" | "warnAt" | "cost">): Promise<void> {
    await this.hear(status);
    const { warnAt, cost } = status;
    const total = cost?.total;
    if (this.#told !== undefined || !warnAt || !total || total.currency !== warnAt.currency) return;
    if (total.amount >= warnAt.amount)
      await this.hear({ warned: `it has cost ${money(total)}, of which ${money(warnAt)} was to be told` });
  }
}

import type { SessionStatus } from "@skyburst/core";
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
}

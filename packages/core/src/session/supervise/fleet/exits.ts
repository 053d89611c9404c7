import type { WorkerStatus } from "../../../backend.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import { jsonBody } from "../../../protocol/lines.ts";

export interface ExitsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly client: string;
  /** Whether a worker costs anything. */
  readonly pays: () => Promise<boolean>;
}

/**
 * Ends of worker processes, as their provider tells and bills them: of each that costs something, or that did not end as it was meant to.
 * Of others nobody asks.
 */
export class Exits {
  readonly #options: ExitsOptions;
  /** Keys of what was told, as far as is known. */
  #told: ReadonlySet<string> = new Set();

  constructor(options: ExitsOptions) {
    this.#options = options;
  }

  async tell(status: WorkerStatus): Promise<void> {
    const { facts, keys, client } = this.#options;
    const key = keys.exit(status.launch, status.slot);
    if (this.#told.has(key) || !(await this.#matters(status))) return;
    const { id, exit, startedAt, stoppedAt } = status;
    const how = {
      reason: exit?.reason ?? "lost",
      code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      memory: exit?.memory ?? null,
    };
    const when = { startedAt: startedAt ?? null, stoppedAt: stoppedAt ?? null };
    await facts.create(key, jsonBody({ v: 1, id, ...how, ...when, by: client }));
  }

  /** Tells of all these. Who supervised before has told of most: that is asked by one LIST. */
  async tellAll(ended: readonly WorkerStatus[]): Promise<void> {
    const { facts, keys } = this.#options;
    const matters = await Promise.all(ended.map((status) => this.#matters(status)));
    const those = ended.filter((_, n) => matters[n]);
    if (those.length === 0) return;
    this.#told = new Set((await listAll(facts, keys.exits)).entries.map(({ key }) => key));
    for (const status of those) await this.tell(status);
  }

  async #matters({ exit }: WorkerStatus): Promise<boolean> {
    const asMeant = exit?.reason === "done" || exit?.reason === "stopped";
    return !asMeant || this.#options.pays();
  }
}

import type { WorkerStatus } from "../../../backend.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import { jsonBody } from "../../../protocol/lines.ts";
import { readExits } from "../../status/worker-times.ts";

export interface ExitsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly client: string;
  /** Whether a worker costs anything. */
  readonly pays: () => Promise<boolean>;
}

/**
 * Ends of worker processes, as their provider tells and bills them: of each that costs something, or that did not end as it was meant to.
 * Of others nobody asks. What is heard of one launch at a time is one fact, named after the first of them.
 */
export class Exits {
  readonly #options: ExitsOptions;
  /** Processes that were told of, named `<n>.<j>`, as far as is known. */
  #told: ReadonlySet<string> = new Set();

  constructor(options: ExitsOptions) {
    this.#options = options;
  }

  async tell(ended: readonly WorkerStatus[]): Promise<void> {
    await Promise.all([...byLaunch(await this.#those(ended))].map((these) => this.#tellOf(these)));
  }

  /** Tells of all these. Who supervised before has told of most: that is asked by one LIST, and a read of each such fact. */
  async tellAll(ended: readonly WorkerStatus[]): Promise<void> {
    const { facts, keys } = this.#options;
    if ((await this.#those(ended)).length === 0) return;
    this.#told = new Set((await readExits(facts, keys)).keys());
    await this.tell(ended);
  }

  /** Of one launch. The first of whom nobody told before gives the fact its name, and is told first in it. */
  async #tellOf(ended: readonly WorkerStatus[]): Promise<void> {
    const { facts, keys, client } = this.#options;
    for (let left = ended; ;) {
      const [first, ...rest] = left;
      if (!first) return;
      const more = rest.map((status) => ({ slot: status.slot, ...endOf(status) }));
      const body = { v: 1, ...endOf(first), by: client, ...(more.length > 0 ? { more } : {}) };
      if (await facts.create(keys.exit(first.launch, first.slot), jsonBody(body))) return;
      left = rest;
    }
  }

  async #those(ended: readonly WorkerStatus[]): Promise<WorkerStatus[]> {
    const matters = await Promise.all(ended.map((status) => this.#matters(status)));
    return ended.filter(({ launch, slot }, n) => matters[n] === true && !this.#told.has(`${launch}.${slot}`));
  }

  async #matters({ exit }: WorkerStatus): Promise<boolean> {
    const asMeant = exit?.reason === "done" || exit?.reason === "stopped";
    return !asMeant || this.#options.pays();
  }
}

function endOf({ id, exit, startedAt, stoppedAt }: WorkerStatus) {
  return {
    id,
    reason: exit?.reason ?? "lost",
    code: exit?.code ?? null,
    signal: exit?.signal ?? null,
    memory: exit?.memory ?? null,
    startedAt: startedAt ?? null,
    stoppedAt: stoppedAt ?? null,
  };
}

/** By slot, so that whoever tells of the same ones gives the fact the same name. */
function byLaunch(ended: readonly WorkerStatus[]): Iterable<readonly WorkerStatus[]> {
  const launches = new Map<number, WorkerStatus[]>();
  for (const status of ended.toSorted((one, other) => one.slot - other.slot)) {
    const these = launches.get(status.launch);
    if (these) these.push(status);
    else launches.set(status.launch, [status]);
  }
  return launches.values();
}

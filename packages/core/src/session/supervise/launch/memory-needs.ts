import type { WorkerSpec } from "../../../backend.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Ledger } from "../../../protocol/ledger.ts";
import { parseJson } from "../../../protocol/lines.ts";

/**
 * What workers found that left because it needs more memory than they had: who is launched next has as much. It is read from what they said
 * last, and not from what their provider tells of their end, which may be false, or come before it.
 */
export class MemoryNeeds {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  /** Last words that were heard, by key. undefined: there may be some from before this supervisor, which are old. */
  #heard: ReadonlySet<string> | undefined;
  #memory = 0;

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  /** Nobody was launched yet, so that nobody has left. */
  begin(): void {
    this.#heard = new Set();
  }

  /** Hears who has left since. One LIST, and a read of each, in a session of which some tasks may come to need more; in others nothing. */
  async hear({ submissions }: Ledger): Promise<void> {
    if (submissions.every(({ options }) => options.memoryOnOom === undefined)) return;
    const before = this.#heard;
    const told = (await listAll(this.#facts, this.#keys.gones)).entries.map(({ key }) => key);
    this.#heard = new Set(told);
    if (!before) return;
    const bodies = await Promise.all(told.filter((key) => !before.has(key)).map((key) => this.#facts.get(key)));
    for (const body of bodies) {
      const { needs = 0 } = body ? (parseJson(body) as { readonly needs?: number }) : {};
      this.#memory = Math.max(this.#memory, needs);
    }
  }

  /** Bytes for a worker to come; undefined: as many as others have. */
  get memory(): number | undefined {
    return this.#memory > 0 ? this.#memory : undefined;
  }

  /** What a worker to come is made of. */
  specOf(spec: WorkerSpec): WorkerSpec {
    return this.#memory > (spec.memory ?? 0) ? { ...spec, memory: this.#memory } : spec;
  }

  /** Workers with so many bytes were launched, all that were asked for: what needs them is done, or more of them are asked for. */
  met(memory: number | undefined): void {
    if (memory !== undefined && memory >= this.#memory) this.#memory = 0;
  }
}

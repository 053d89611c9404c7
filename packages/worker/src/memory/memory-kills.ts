import { killsIn, ownControlGroup, textOf } from "./control-group.ts";
import type { ControlGroup } from "./control-group.ts";

/** What a command had that was killed for want of memory, in bytes, as far as it is known. */
export interface MemoryKill {
  readonly limit?: number;
  readonly peak?: number;
}

/**
 * What the kernel kills for want of memory, in the control group of this process or on the machine: whether a command that was killed was
 * killed for that. Each kill is taken for one command, so that a later `kill -9` isn't taken for it.
 */
export class MemoryKills {
  readonly #group: ControlGroup | undefined;
  readonly #count: () => number;
  #accounted: number;

  constructor(group = ownControlGroup(), count = counterOf(group)) {
    this.#group = group;
    this.#count = count;
    this.#accounted = count();
  }

  /** Once for each kill since this object was made. */
  take(): MemoryKill | undefined {
    if (this.#count() <= this.#accounted) return undefined;
    this.#accounted++;
    const limit = this.#group?.limit;
    const peak = this.#group?.peak();
    // What a group without a limit used says nothing: it was the machine that had no more.
    return limit === undefined ? {} : { limit, ...(peak === undefined ? {} : { peak }) };
  }
}

/** Kills so far, where the first place tells that does; where none does, nothing is ever known. */
function counterOf(group: ControlGroup | undefined): () => number {
  if (group?.kills() !== undefined) return () => group.kills() ?? 0;
  const ofMachine = "/proc/vmstat";
  return killsIn(textOf(ofMachine)) === undefined ? () => 0 : () => killsIn(textOf(ofMachine)) ?? 0;
}

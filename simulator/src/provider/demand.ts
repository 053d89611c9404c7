import type { LaunchRequest, Refusal } from "../../../packages/core/src/backend.ts";
import { isDoubtful } from "../scenario/doubts.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { World } from "../world.ts";
import type { Machine } from "./machine.ts";

/** What one caller was told last. */
interface Heard {
  /** It was refused, and need not ask again before this moment. */
  again?: number;
  free?: { readonly count: number; readonly at: number } | undefined;
}

/** Holds what is asked of a provider against what it said, and what is wanted. */
export class Demand {
  readonly #world: World;
  readonly #machines: Iterable<Machine>;
  readonly #heard = new Map<string, Heard>();

  constructor(world: World, machines: Iterable<Machine>) {
    this.#world = world;
    this.#machines = machines;
  }

  /** It has heard how many more could start; undefined: it asks. */
  told(caller: string, count: number | undefined): void {
    this.#of(caller).free = count === undefined ? undefined : { count, at: this.#world.timeline.now };
  }

  answered(caller: string, started: number, refused: readonly Refusal[]): void {
    const waits = refused.map(({ retryAfter }) => retryAfter);
    const told = started === 0 && waits.length > 0 && waits.every((wait) => wait !== undefined);
    // Who takes the place of somebody goes by what that one heard, and that alone.
    for (const heard of this.#heard.values()) heard.again = 0;
    this.#of(caller).again = told ? this.#world.timeline.now + Math.min(...waits) : 0;
  }

  /** A launch that was not asked for before. */
  called({ launch, slots }: LaunchRequest, caller: string): void {
    if (caller === "rescue") return;
    const { timeline, scenario, conduct } = this.#world;
    if (!isDoubtful(scenario)) this.#expectWithin(launch, slots.length);
    // What somebody else decided who did not live to call is made good at once.
    if (conduct.decisions.get(launch) !== caller) return;
    const { again = 0, free } = this.#of(caller);
    // Its clock is another one, and it heard the answer later than it was given.
    const early = (again - timeline.now) * 0.98 - 500;
    if (early > 0)
      this.#world.violated(
        `launch/${launch} is asked for ${Math.round(early)} ms before ${caller} was told to ask again`,
      );
    const look = Math.min(15_000, scenario.ttl / 4);
    // Who takes the place anew begins anew: before anything is refused, a launch tells as much as the answer would.
    const since = conduct.witness?.supervisor?.since ?? 0;
    if (free && free.at >= since && timeline.now - free.at < look && slots.length > free.count)
      this.#world.violated(`launch/${launch} asks for ${slots.length} workers, when there is room for ${free.count}`);
  }

  /** Where nobody can be in doubt of who runs, there are never more than are wanted. */
  #expectWithin(launch: number, more: number): void {
    const { scenario } = this.#world;
    const { prices, maxWorkers } = providerOf(scenario);
    const highest = Math.max(...prices.map(({ perSecond }) => perSecond));
    const limit = Math.min(scenario.workers, maxWorkers, Math.floor((scenario.maxRate ?? Infinity) / highest + 1e-9));
    const live = [...this.#machines].filter(({ process, hidden }) => process.alive && !hidden).length;
    if (live + more > limit)
      this.#world.violated(`launch/${launch} asks for ${more} workers beside ${live}, where ${limit} are wanted`);
  }

  #of(caller: string): Heard {
    const heard = this.#heard.get(caller) ?? {};
    this.#heard.set(caller, heard);
    return heard;
  }
}

import type { Refusal } from "../../../packages/core/src/backend.ts";
import type { Random } from "../random.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { World } from "../world.ts";

/** How many workers a provider lets run, and what it says of that. */
export class Room {
  readonly #world: World;
  readonly #random: Random;
  #said: { readonly free: number; readonly at: number } | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork("provider's room");
  }

  /** What it lets run now. */
  get most(): number {
    const { scenario, timeline, faulty } = this.#world;
    if (!faulty) return Number.POSITIVE_INFINITY;
    const { quota } = providerOf(scenario);
    return quota.findLast(({ from }) => from <= timeline.now)?.most ?? Number.POSITIVE_INFINITY;
  }

  /** @param running How many do. undefined: there is room for one more. */
  refusal(slot: number, running: number): Refusal | undefined {
    const { most } = this;
    if (running < most) return undefined;
    const { scenario, timeline } = this.#world;
    const { quota, tellsWhen } = providerOf(scenario);
    const kind = quota.findLast(({ from }) => from <= timeline.now)?.kind ?? "quota";
    return {
      slot,
      kind,
      message: `${running} of ${most} workers run`,
      ...(this.#random.chance(tellsWhen) ? { retryAfter: this.#random.between(100, 30_000) } : {}),
    };
  }

  /** What it says of how many more could start, which may be some time ago. */
  capacity(running: number): number {
    const { timeline, scenario } = this.#world;
    const { capacity, maxWorkers } = providerOf(scenario);
    if (!this.#said || timeline.now - this.#said.at >= (capacity?.lag ?? 0))
      this.#said = { free: Math.max(0, Math.min(this.most, maxWorkers) - running), at: timeline.now };
    return this.#said.free;
  }
}

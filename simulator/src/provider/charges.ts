import type { PriceStep } from "../scenario/provider-plan.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { World } from "../world.ts";
import type { Machine } from "./machine.ts";

/** What a provider would charge: nobody under test sees it. */
export class Charges {
  readonly #world: World;
  readonly #machines: Iterable<Machine>;

  constructor(world: World, machines: Iterable<Machine>) {
    this.#world = world;
    this.#machines = machines;
  }

  /** Of all workers, up to that moment; virtual milliseconds. */
  until(at: number): number {
    let sum = 0;
    for (const machine of this.#machines) sum += this.of(machine, at);
    return sum;
  }

  /** The same, of those of whom somebody could know. */
  ofKnown(at: number): number {
    let sum = 0;
    for (const machine of this.#machines) if (!machine.hidden) sum += this.of(machine, at);
    return sum;
  }

  /** For a worker that ended before its shortest time, the rest of that is charged as well, at the end's price. */
  of({ from, to = Number.POSITIVE_INFINITY }: Machine, at: number): number {
    if (from === undefined || from > at) return 0;
    const { minimumBilling, prices, clock } = providerOf(this.#world.scenario);
    const end = Math.min(to, at);
    const rest = Math.max(0, minimumBilling - (end - from) * (1 + clock.drift));
    return (integral(prices, from, end) * (1 + clock.drift) + rest * priceAt(prices, end)) / 1000;
  }

  /** What a worker costs at the most, per second. */
  get highest(): number {
    return Math.max(...providerOf(this.#world.scenario).prices.map(({ perSecond }) => perSecond));
  }

  /** The moment at which those of whom somebody could know came to an amount; undefined: they did not. */
  crossing(amount: number, before: number): number | undefined {
    if (this.ofKnown(before) <= amount) return undefined;
    let [low, high] = [0, before];
    while (high - low > 1) {
      const middle = (low + high) / 2;
      if (this.ofKnown(middle) > amount) high = middle;
      else low = middle;
    }
    return high;
  }
}

export function priceAt(prices: readonly PriceStep[], at: number): number {
  return (prices.findLast(({ from }) => from <= at) ?? prices[0])?.perSecond ?? 0;
}

/** Milliseconds times price. */
function integral(prices: readonly PriceStep[], from: number, to: number): number {
  return prices.reduce((sum, { from: begins, perSecond }, n) => {
    const ends = prices[n + 1]?.from ?? Number.POSITIVE_INFINITY;
    return sum + Math.max(0, Math.min(to, ends) - Math.max(from, begins)) * perSecond;
  }, 0);
}

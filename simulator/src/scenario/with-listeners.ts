import { Random } from "../random.ts";
import type { ListenerPlan } from "./plans.ts";
import type { Scenario } from "./scenario.ts";

/** In a fifth of all histories somebody follows what happens. */
export function withListeners(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("listeners");
  if (random.chance(0.8)) return plain;
  const listeners = Array.from({ length: random.whole(1, 2) }, (): ListenerPlan => ({
    start: random.chance(0.3) ? 0 : random.exponential(30_000),
    wait: random.chance(0.6),
    lives: Array.from({ length: random.chance(0.6) ? random.whole(1, 4) : 0 }, () =>
      Math.floor(random.next() ** 2 * 80),
    ),
    again: random.exponential(5000),
  }));
  return { ...plain, listeners };
}

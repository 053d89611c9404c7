import { Random } from "../random.ts";
import type { Scenario } from "./scenario.ts";

/** In some histories workers may launch others, and so keep the fleet when nobody else does any more. */
export function withStandIns(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("stand-ins");
  if (random.chance(0.8)) return plain;
  const lives = Array.from({ length: random.chance(0.5) ? random.whole(1, 4) : 0 }, () =>
    Math.floor(random.next() ** 2 * 200),
  );
  return { ...plain, standIns: { start: random.exponential(500), lives } };
}

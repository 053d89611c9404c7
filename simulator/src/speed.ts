import { Random } from "./random.ts";
import type { Scenario } from "./scenario/scenario.ts";

/** How much faster than others a worker is. */
export function speedFrom({ seed, unevenness = 0 }: Scenario, worker: string): number {
  return unevenness === 0 ? 1 : new Random(seed).fork(`speed of ${worker}`).between(1 - unevenness, 1 + unevenness);
}

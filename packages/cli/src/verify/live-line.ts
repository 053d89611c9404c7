import type { Arrivals } from "./arrivals.ts";
import { atLeast } from "./check.ts";
import type { Check } from "./check.ts";

/**
 * The first line came while the job ran: it was there before the last one, which was written so many seconds later. By the differences
 * between arrivals alone, so that no two clocks have to agree.
 *
 * @param late Seconds by which the first line may be late. Default: nearly all of them, since lines that come when all is over come together.
 */
export function liveLine({ lines }: Arrivals, seconds: number, late = 0.9 * seconds): Check {
  const between = ((lines.at(-1)?.at ?? 0) - (lines[0]?.at ?? 0)) / 1000;
  return atLeast("first line while it runs", seconds - late, between, `s before the last`);
}

import type { ChunkTally } from "./chunk-tallies.ts";

/** Outcomes of the last minute tell how fast a session is now, in milliseconds. */
const span = 60_000;

/** Shortest time of which a rate is told: a store may tell seconds only. */
const shortest = 1000;

/**
 * Outcomes per second over the last minute, or since the first lease if that is younger. Commits tell when; within a chunk that is done,
 * whose parts were not listed, outcomes are taken to have come evenly from its lease on.
 */
export function rateOf(tallies: readonly ChunkTally[], now: number): number {
  const first = tallies.reduce((least, { leased }) => Math.min(least, leased), now);
  const from = Math.max(now - span, first);
  let outcomes = 0;
  for (const { leased, done, parts, succeeded, failed, cancelled } of tallies) {
    const later = parts.reduce((sum, { count }) => sum + count, 0);
    for (const { count, modified } of parts) if (modified >= from) outcomes += count;
    if (done === undefined || done < from) continue;
    const whole = Math.max(done - leased, 1);
    outcomes += (succeeded + failed + cancelled - later) * Math.min(1, (done - Math.max(from, leased)) / whole || 1);
  }
  return outcomes / (Math.max(now - from, shortest) / 1000);
}

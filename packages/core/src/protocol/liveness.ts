/** What a claimer saw of a lease: enough to judge whether its owner lives. All but `newest` on the claimer's own monotonic clock. */
export interface Sighting {
  /** Newest fact of the owner, on the store's clock. */
  readonly newest: number;
  /** First look at which `newest` was the newest. */
  readonly since: number;
  /** First look at which that was older than the TTL by the store's clock; undefined when it was not yet. */
  readonly stale?: number;
}

/** The sighting after another look. Pure. */
export function sight(
  before: Sighting | undefined,
  look: { newest: number; storeNow: number; monotonic: number; ttl: number },
): Sighting {
  const stale = look.storeNow - look.newest > look.ttl;
  if (!before || before.newest !== look.newest) {
    return { newest: look.newest, since: look.monotonic, ...(stale ? { stale: look.monotonic } : {}) };
  }
  if (!stale) return { newest: before.newest, since: before.since };
  return { ...before, stale: before.stale ?? look.monotonic };
}

/**
 * The owner is taken for lost: its newest fact is older than the TTL by the store's clock at two looks that are TTL/6
 * apart, or nothing new came for a whole TTL of our own time. The second look is what makes a jump of the store's clock
 * harmless.
 */
export function silent(sighting: Sighting, monotonic: number, ttl: number): boolean {
  if (monotonic - sighting.since > ttl) return true;
  return sighting.stale !== undefined && monotonic - sighting.stale >= ttl / 6;
}

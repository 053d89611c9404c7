/** What is known of the work and of the workers at one moment. */
export interface FleetObservation {
  /** Chunks without their final outcomes: more workers than these find nothing to lease. */
  readonly chunks: number;
  /** More work is expected, of unknown size. */
  readonly open: boolean;
  /** Workers that start or run, by the provider's own word. */
  readonly live: readonly string[];
  /** Tasks that one worker runs at a time. */
  readonly slots: number;
  /** Workers that the provider could start now; undefined: it does not say. */
  readonly capacity?: number | undefined;
  /** Launches in a row of which no worker came to work. */
  readonly failures: number;
  /** Milliseconds since the last launch. */
  readonly sinceLaunch: number;
  /** Workers that left because they found nothing to lease, since there last was something new. Default 0. */
  readonly idle?: number | undefined;
}

export interface FleetPolicy {
  /** The wish. */
  readonly workers: number;
  /** The backend's ceiling. */
  readonly maxWorkers: number;
}

export interface FleetPlan {
  /** Workers to start now. */
  readonly launch: number;
  /** Workers to stop, by the provider's id. */
  readonly stop: readonly string[];
  readonly because: string;
  /** Milliseconds after which to look again, though nothing else happened. */
  readonly again?: number;
}

/** First wait after a launch that failed, doubled each time, up to a minute; milliseconds. */
const firstWait = 250;
const longestWait = 60_000;

/**
 * How many workers to start or stop. Pure. Waves roll: whatever was lost or has become free is filled at once, up to what
 * the remaining work can use.
 */
export function planFleet(observation: FleetObservation, policy: FleetPolicy): FleetPlan {
  const { chunks, open, live, slots, capacity, failures, sinceLaunch, idle = 0 } = observation;
  const limit = Math.min(policy.workers, policy.maxWorkers);
  if (live.length > limit) {
    return { launch: 0, stop: live.slice(limit), because: `${live.length} workers run and ${limit} are wanted` };
  }
  const useful = open ? limit : Math.min(limit, Math.ceil(chunks / Math.max(1, slots)));
  // What is left is held by those who stayed. One is there for it in any case.
  const wanted = Math.min(useful, Math.max(limit - idle, chunks > 0 ? 1 : 0));
  const missing = Math.min(wanted - live.length, capacity ?? Number.POSITIVE_INFINITY);
  if (missing <= 0) return { launch: 0, stop: [], because: whyEnough(live.length, useful, wanted) };
  const wait = failures === 0 ? 0 : Math.min(firstWait * 2 ** (failures - 1), longestWait);
  if (sinceLaunch < wait)
    return { launch: 0, stop: [], because: `the last ${failures} launches failed`, again: wait - sinceLaunch };
  return { launch: missing, stop: [], because: `${chunks} chunks are left for ${live.length} of ${limit} workers` };
}

function whyEnough(live: number, useful: number, wanted: number): string {
  if (useful <= live) return "the fleet is as large as the work needs";
  return wanted <= live ? "workers left because they found nothing to do" : "no capacity is free";
}

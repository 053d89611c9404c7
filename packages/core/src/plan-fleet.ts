import { durationInWords } from "./duration-in-words.ts";
import type { FleetObservation, FleetPolicy, Refused } from "./plan-fleet-observation.ts";
import { finishWith, repaidWorkers } from "./plan-fleet-repay.ts";

export interface FleetPlan {
  /** Workers that there would be, if nothing but work, money and limits counted. */
  readonly wanted: number;
  /** Workers to start now. */
  readonly launch: number;
  /** Workers to stop, by the provider's id. */
  readonly stop: readonly string[];
  /** What decided, in words and with its numbers. */
  readonly because: string;
  /** Milliseconds after which to look again, though nothing else happened. */
  readonly again?: number;
}

/** First wait after a launch of which no worker came to work, doubled each time, up to a minute; milliseconds. */
const firstWait = 250;
const longestWait = 60_000;

/**
 * How many workers to start or stop. Pure. Waves roll: whatever was lost or has become free is filled at once, up to what the remaining
 * work can use and repays, and the money allows. While work and money remain, and nothing has to be waited for, there is one at least.
 */
export function planFleet(observation: FleetObservation, policy: FleetPolicy): FleetPlan {
  const limit = Math.min(policy.workers, policy.maxWorkers, policy.mostPaid ?? Number.POSITIVE_INFINITY);
  const live = observation.live.length;
  if (live > limit)
    return {
      wanted: limit,
      launch: 0,
      stop: surplus(observation, limit),
      because: `${live} workers run and ${limit} are wanted`,
    };
  const needed = least(needs(observation, limit));
  const { most, because } = least([needed, ...means(observation)]);
  const missing = most - live;
  const rest = { wanted: Math.max(0, most), stop: [] };
  if (missing <= 0) return { ...rest, launch: 0, because };
  const held = waiting(observation);
  if (held) return { ...rest, ...held, launch: 0 };
  const room = least([{ most: missing, because: "" }, ...rooms(observation)]);
  if (room.most <= 0) return { ...rest, launch: 0, because: room.because };
  return {
    ...rest,
    launch: room.most,
    // Of two reasons for fewer, the tighter one.
    because: [whyLaunch(observation, limit, room.most), room.because || (most < needed.most ? because : "")]
      .filter(Boolean)
      .join("; "),
  };
}

/** Those that did not come to work yet first, then the newest. */
function surplus({ live, pending = [] }: FleetObservation, limit: number): readonly string[] {
  const idle = live.filter((id) => pending.includes(id));
  const busy = live.filter((id) => !pending.includes(id));
  return [...busy, ...idle].slice(limit);
}

/** At most so many workers, and why. */
interface Bound {
  readonly most: number;
  readonly because: string;
}

/** The tightest of them; of several, the first. */
function least(bounds: readonly Bound[]): Bound {
  return bounds.reduce((tightest, bound) => (bound.most < tightest.most ? bound : tightest));
}

/** What the work can use. */
function needs(observation: FleetObservation, limit: number): readonly Bound[] {
  const { chunks, open, live, slots, idle = 0 } = observation;
  const useful = open ? limit : Math.min(limit, Math.ceil(chunks / Math.max(1, slots)));
  const one = chunks > 0 ? 1 : 0;
  const repaid = open ? undefined : repaidWorkers(observation);
  return [
    { most: useful, because: "the fleet is as large as the work needs" },
    // What is left is held by those who stayed. One is there for it in any case.
    { most: Math.max(limit - idle, one), because: "workers left because they found nothing to do" },
    ...(repaid ? [{ most: Math.max(live.length + repaid.more, one), because: repaid.because }] : []),
  ];
}

function means({ affordable, live }: FleetObservation): readonly Bound[] {
  if (affordable === undefined) return [];
  const there =
    live.length === 0
      ? ""
      : `, and ${live.length}${affordable > live.length ? " of them" : ""} ${live.length === 1 ? "is" : "are"} there`;
  return [{ most: affordable, because: `the money pays for ${affordable === 0 ? "none" : affordable}${there}` }];
}

/** What the provider has room for, beside those that live. */
function rooms({ capacity, refused }: FleetObservation): readonly Bound[] {
  if (capacity !== undefined) {
    const none = refused ? `${refusal(refused)}, and no capacity is free` : "no capacity is free";
    return [{ most: capacity, because: capacity > 0 ? `the provider has room for ${capacity}` : none }];
  }
  return refused ? [{ most: refused.probe, because: `${refused.probe} to see whether there is room again` }] : [];
}

function refusal({ kind, refused, asked }: Refused): string {
  return `${kind}: ${refused} of ${asked} were refused`;
}

function waiting({
  failures,
  sinceLaunch,
  refused,
}: FleetObservation): Pick<FleetPlan, "because" | "again"> | undefined {
  if (refused && refused.wait > 0)
    return { because: `${refusal(refused)}, again in ${durationInWords(refused.wait / 1000)}`, again: refused.wait };
  const wait = failures === 0 ? 0 : Math.min(firstWait * 2 ** (failures - 1), longestWait);
  return sinceLaunch < wait
    ? { because: `the last ${failures} launches failed`, again: wait - sinceLaunch }
    : undefined;
}

function whyLaunch(observation: FleetObservation, limit: number, launch: number): string {
  const { chunks, open, live, work } = observation;
  const workers = `${launch} ${live.length > 0 ? "more " : ""}of ${limit} worker${limit === 1 ? "" : "s"}`;
  if (chunks === 0 && open) return `${workers}: their work is about to come`;
  if (!work || work.tasks === 0) return `${workers}: ${chunks} chunk${chunks === 1 ? " is" : "s are"} left`;
  const before = finishWith(observation, 0);
  const [alone, after] = [before ?? Number.POSITIVE_INFINITY, finishWith(observation, launch) ?? 0].map(
    durationInWords,
  );
  return `${workers}: ${work.tasks} tasks of ${durationInWords(work.seconds / work.tasks)} are left, done in ${after}${before === undefined ? "" : ` instead of ${alone}`}`;
}

import { durationInWords } from "./duration-in-words.ts";
import type { FleetObservation } from "./plan-fleet-observation.ts";

/** How many more workers the rest of the work repays, and why no more. */
export interface Repaid {
  /** Infinite where nobody knows how long the rest takes. */
  readonly more: number;
  readonly because: string;
}

/**
 * The rest of the work divides itself over who is there: a worker more works from when it has started until all is done. That has to be
 * as long as the time for which it is billed at least, and as its start, where that is paid too. Where a deadline would be missed
 * otherwise, as many come as keep it, if they start before it.
 */
export function repaidWorkers(observation: FleetObservation): Repaid {
  const pace = paceOf(observation);
  if (!pace) return { more: Number.POSITIVE_INFINITY, because: "nobody knows how long the rest takes" };
  const inTime = moreInTime(pace);
  const billed = pace.least === 0 ? inTime : Math.max(0, Math.floor(pace.spare / pace.least - pace.live));
  const more = Math.max(Math.min(billed, inTime), Math.min(forDeadline(pace), inTime));
  return { more, because: whyNoMore(pace, more) };
}

/** Seconds until all is done with so many workers more; undefined where nobody knows. */
export function finishWith(observation: FleetObservation, more: number): number | undefined {
  const pace = paceOf(observation);
  return pace && pace.live + more > 0 ? finish(pace, more) : undefined;
}

/** All in seconds. */
interface Pace {
  /** Of one worker, for all that is left. */
  readonly work: number;
  readonly live: number;
  readonly pending: number;
  readonly startup: number;
  readonly minimum: number;
  /** For how long a worker has to work at least. */
  readonly least: number;
  /** Work that is left when another worker would begin. */
  readonly spare: number;
  readonly untilDeadline: number;
}

function paceOf(observation: FleetObservation): Pace | undefined {
  const { work, live, pending = [], slots, startup = 0, minimumBilling = 0, rate = 0, untilDeadline } = observation;
  if (!work) return undefined;
  const [start, minimum] = [startup / 1000, minimumBilling / 1000];
  const perWorker = work.seconds / Math.max(1, slots);
  return {
    work: perWorker,
    live: live.length,
    pending: pending.length,
    startup: start,
    minimum,
    least: Math.max(minimum, rate > 0 ? start : 0),
    spare: perWorker - start * (live.length - pending.length),
    untilDeadline: (untilDeadline ?? Number.POSITIVE_INFINITY) / 1000,
  };
}

/** Who did not come to work yet begins as late as who is launched now. */
function finish({ work, live, pending, startup }: Pace, more: number): number {
  return (work + (pending + more) * startup) / (live + more);
}

/** Whether others begin before all is done does not depend on how many they are. */
function moreInTime({ spare }: Pace): number {
  return spare > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** The fewest with whom all is done in time. */
function forDeadline(pace: Pace): number {
  const { work, live, pending, startup, untilDeadline } = pace;
  if (untilDeadline <= startup || (live > 0 && finish(pace, 0) <= untilDeadline)) return 0;
  const needed = (work + pending * startup - live * untilDeadline) / (untilDeadline - startup);
  return Number.isFinite(needed) ? Math.max(0, Math.ceil(needed)) : 0;
}

function whyNoMore(pace: Pace, more: number): string {
  const { live, startup, minimum, spare } = pace;
  const has = `${live + more} ${live + more === 1 ? "worker" : "workers"} and no more`;
  if (spare <= 0) return `${has}: the rest is done in ${durationInWords(finish(pace, 0))}, before another has started`;
  const works = Math.max(0, finish(pace, more + 1) - startup);
  const cost =
    minimum > startup ? `be billed for ${durationInWords(minimum)}` : `take ${durationInWords(startup)} to start`;
  return `${has}: another would work for ${durationInWords(works)} and ${cost}`;
}

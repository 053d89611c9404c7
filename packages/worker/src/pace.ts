import type { StorePace } from "@skyburst/core";
import type { FollowedPace } from "./log/attempt-log.ts";

/** How often a busy worker looks for what others say: the ledger's next entry. Directory 0.1 s, S3 30 s. */
export function lookInterval({ poll: [shortest, longest] }: StorePace): number {
  return Math.min(shortest * 50, longest);
}

/**
 * How often a worker asks whether somebody follows the logs of its tasks, while something of them is not written: whoever comes sees
 * the first line about this much later. Directory 0.1 s, S3 1.25 s, where it is the cheapest of requests: a tenth of a cent an hour.
 */
export function followerLook({ poll: [shortest] }: StorePace): number {
  return Math.max(100, shortest * 1.25);
}

/**
 * How soon what is printed becomes an object when it is followed, in milliseconds. Directory: objects 0.1 s apart; S3: 0.5 s, an object
 * being what a request costs.
 */
export function followedPace({ poll: [shortest] }: StorePace): FollowedPace {
  const apart = Math.max(100, shortest / 2);
  return { gather: 100, apart, over: Math.max(400, apart) };
}

/**
 * Longest wait between two looks for work of others: short at first, when a worker that was lost is most likely to be waited
 * for, and as long as the store likes after a hundred looks in vain.
 */
export function longestLook(pace: StorePace, looks: number): number {
  return looks < 100 ? lookInterval(pace) : pace.poll[1];
}

/**
 * Longest wait of an idle worker between two looks for the ledger's next entry: short at first, since a worker that was just
 * started, or has just run dry, is about to be given more.
 */
export function longestFollow(pace: StorePace, looks: number): number {
  return looks < 100 ? Math.min(pace.poll[0] * 5, lookInterval(pace)) : lookInterval(pace);
}

/** Wait before the nth look in a row that found nothing: grows by half each time, or by another factor, up to `longest`. */
export function idleWait(looks: number, shortest: number, longest: number, factor = 1.5): number {
  return Math.min(shortest * factor ** Math.min(looks, 40), longest);
}

/**
 * How many of the shortest waits come before the second look for work. Behind the last chunks a crowd looks for what a single
 * one could find: the larger it is, the longer each of it can wait.
 */
export function firstLookAfter(workers: number): number {
  return Math.max(4, workers / 16);
}

/** Work that is given out to a slot at a time, in seconds: what is lost when its thread dies. */
export const assignmentSeconds = 0.1;

/**
 * How long the first slot runs alone to show how quick the tasks are, in milliseconds from when it is up. On cores that have
 * more to do, quick ones look slow for 10; a thread that is then not needed costs 50 of a core.
 */
export const firstLook = 25;

/**
 * Seconds per task up to which one slot is enough: the worker needs about a microsecond to give each out and to store what
 * comes of it, so another slot would only wait as well. Above, so many assignments in a row show it.
 */
export const quickSeconds = 5e-6;
export const slowInRow = 3;

/** A slot whose work ends sooner than this gets its next assignment beforehand, in seconds. */
export const aheadSeconds = 0.01;

/** The same of a slot for commands, whose ends are heard of in groups: what its shell has at a time, and some more. */
export const commandsAheadSeconds = 0.06;

/** A slot that was given no more than this gets it at once, in seconds: to wait for the right moment would wake the worker once more for each assignment. */
export const shortSeconds = 0.11;

/**
 * Assignments that a slot holds at a time, and those of many quick tasks: waking a thread costs what a hundred of them do. Few
 * tasks wait for nobody's wake: among them may be one that takes long, and what is behind it would wait for it.
 */
export const mostInFlight = { few: 2, many: 8 } as const;
export const many = 100;

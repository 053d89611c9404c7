import { clamp } from "../../protocol/cut.ts";
import type { StorePace } from "../../store.ts";

type Poll = Pick<StorePace, "poll">;

/** Commits that one look is to find where looks cost money: what each of them costs is then next to nothing. */
const perLook = 8;

/** Looks in the time that a commit takes, where nobody counts them: each wakes a process, on a core that a task could have. */
const looksPerCommit = 4;

/** Shortest poll, in milliseconds, of a store of which nobody counts the requests. */
const cheap = 100;

/** Whether looks are counted: what is found a little later costs less than what is asked for in vain. */
export function looksAreDear({ poll: [shortest] }: Poll): boolean {
  return shortest >= cheap;
}

/** Longest wait between two looks for outcomes, in milliseconds. Directory 1,000, S3 10,000. */
function longestWait({ poll: [shortest, longest] }: Poll): number {
  return Math.min(Math.max(1000, shortest * 10), longest);
}

/**
 * Wait behind a look that found so many commits, so long after the one before that found any: until it is likely that as many came
 * as are worth a look, and never much less than what came took. Milliseconds.
 */
export function waitBehind(commits: number, since: number, pace: Poll): number {
  const [shortest] = pace.poll;
  // What comes one by one is waited for no longer than ten of the shortest waits.
  const worthwhile = clamp((perLook * since) / commits, shortest, shortest * 10);
  const behind = looksAreDear(pace) ? since / 10 : since / looksPerCommit;
  return clamp(behind, worthwhile, Math.max(worthwhile, longestWait(pace)));
}

/** The same for the last chunk, whose end somebody may wait for, where looks are cheap. */
export function waitForLast(behind: number, pace: Poll): number {
  return looksAreDear(pace) ? behind : Math.max(pace.poll[0], behind / 4);
}

/** Wait before the next look, after so many in a row that found nothing. */
export function waitAfter(quiet: number, first: number, pace: Poll): number {
  const growth = looksAreDear(pace) ? 1.3 : 1.08;
  return Math.min(first * growth ** Math.min(quiet, 100), longestWait(pace));
}

/**
 * Shortest time between two looks at the ledger, in milliseconds: there is less news in it than there are outcomes. Directory 50, S3
 * 15,000, half of what a worker takes to hear of a cancel.
 */
export function followInterval({ poll: [shortest] }: Poll): number {
  return Math.max(50, Math.min(shortest * 15, 15_000));
}

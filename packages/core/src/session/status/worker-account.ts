import { costOf, sumOfCosts } from "../../costs.ts";
import type { Cost, Rate } from "../../costs.ts";
import type { LaunchTerms } from "./launch-terms.ts";
import type { ProcessWords } from "./words.ts";
import { billedTime } from "./worker-times.ts";
import type { WorkerTime } from "./worker-times.ts";

/** Time that was paid for and came to nothing. */
export interface Waste {
  /** Of slots: two slots have two in each second. */
  readonly seconds: number;
  /** Its share of what the workers cost. undefined: nobody knows a price of those that wasted it. */
  readonly cost?: Cost | undefined;
}

export interface WorkerAccount {
  /** Worker processes, of these those that have not ended, and those of which the provider told when they began and ended. */
  readonly processes: number;
  readonly live: number;
  readonly told: number;
  /** Billed, all together. */
  readonly hours: number;
  readonly cost?: Cost | undefined;
  /** Of some of them nobody knows the price. */
  readonly unpriced: boolean;
  /** Of the time that slots were there, as far as workers told, what ran no task. */
  readonly idleShare?: number | undefined;
  readonly retried: Waste;
  /** By stops, spot losses, deaths and silence; `workers`: how many of them were lost. */
  readonly lost: Waste & { readonly workers: number };
}

/** A worker process with all that is known of it. */
export interface AccountedWorker {
  readonly time: WorkerTime;
  readonly terms: LaunchTerms;
  readonly words: ProcessWords | undefined;
  /** It was killed while it held something: since when nothing of it was committed. */
  readonly unsaved?: number | undefined;
}

/** Ends that nobody asked for, by what providers and supervisors call them. */
const losses: ReadonlySet<string> = new Set(["spot", "lost", "error", "crash", "oom"]);

export function isLost({ exit }: WorkerTime, words: ProcessWords | undefined): boolean {
  return losses.has(exit?.reason ?? words?.reason ?? "");
}

/** What the workers of a session cost, and what of it was for nothing. Pure. */
export function accountOf(workers: readonly AccountedWorker[], now: number): WorkerAccount {
  const billed = workers.map(({ time, terms }) => ({
    hours: billedTime(time, now, terms.minimum) / hour,
    rate: terms.rate,
  }));
  const idle = idleShareOf(workers);
  return {
    processes: workers.length,
    live: workers.filter(({ time }) => time.to === undefined).length,
    told: workers.filter(
      ({ time: { exit } }) => typeof exit?.startedAt === "number" && typeof exit.stoppedAt === "number",
    ).length,
    hours: billed.reduce((sum, { hours }) => sum + hours, 0),
    ...priced(billed),
    unpriced: billed.some(({ rate }) => rate === undefined),
    ...(idle === undefined ? {} : { idleShare: idle }),
    retried: wasteOf(workers, ({ words }) => words?.work?.wasted.retried ?? 0),
    lost: {
      ...wasteOf(workers, (worker) => (worker.words?.work?.wasted.returned ?? 0) + unsaved(worker)),
      workers: workers.filter(({ time, words }) => isLost(time, words)).length,
    },
  };
}

const hour = 3_600_000;

/** Of processes that told: until they did, as much as their slots could run. Of its machine's start a worker knows nothing, but it is paid for. */
function idleShareOf(workers: readonly AccountedWorker[]): number | undefined {
  let there = 0;
  let ran = 0;
  for (const { time, terms, words } of workers) {
    if (!words?.work || words.told === undefined) continue;
    const to = time.to ?? words.told;
    there += (Math.max(0, (words.last ? to : Math.min(to, words.told)) - time.from) / 1000) * terms.slots;
    ran += words.work.seconds;
  }
  return there === 0 ? undefined : Math.min(1, Math.max(0, 1 - ran / there));
}

/** All its slots, since the last commit. */
function unsaved({ time, terms, unsaved: since }: AccountedWorker): number {
  if (since === undefined || time.to === undefined) return 0;
  return (Math.max(0, time.to - Math.max(time.from, since)) / 1000) * terms.slots;
}

function wasteOf(workers: readonly AccountedWorker[], seconds: (worker: AccountedWorker) => number): Waste {
  const parts = workers.map((worker) => ({ seconds: seconds(worker), terms: worker.terms }));
  const wasted = parts.filter((part) => part.seconds > 0);
  return {
    seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    ...priced(wasted.map((part) => ({ hours: part.seconds / part.terms.slots / 3600, rate: part.terms.rate }))),
  };
}

/** As far as prices are known, and in one currency. */
function priced(parts: readonly { readonly hours: number; readonly rate: Rate | undefined }[]): { cost?: Cost } {
  const known = parts.flatMap(({ hours, rate }) => (rate ? [costOf(hours, rate)] : []));
  const cost = sumOfCosts(known);
  return cost ? { cost } : {};
}

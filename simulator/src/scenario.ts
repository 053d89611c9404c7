import type { StorePace } from "../../packages/core/src/store.ts";
import { Random } from "./random.ts";

/** How often what goes wrong; probabilities per operation, or moments in a simulation. */
export interface Faults {
  /** Operations refused before they took effect. */
  readonly refused: number;
  /** Operations whose answer never comes: without effect, with it, or with it long after. */
  readonly lostRequests: number;
  readonly lostAnswers: number;
  readonly lateLandings: number;
  /** Operations that take a hundred times longer. */
  readonly slow: number;
  /** Crash of the process that sends an operation. */
  readonly crashes: number;
  /** Freeze of the process that sends an operation, for longer than the TTL. */
  readonly freezes: number;
  /** Whole outages of the store: how many. */
  readonly outages: number;
  /** Moments at which the store's clock jumps. */
  readonly clockJumps: number;
  /** Launched workers that are refused, twice there, dead at once, or reported as gone though they live. */
  readonly refusals: number;
  readonly duplicates: number;
  readonly stillborn: number;
  readonly falseExits: number;
  /** Ended workers that the provider no longer lists. */
  readonly forgotten: number;
  /** Calls of the backend that fail, before or after they took effect. */
  readonly backend: number;
  /** Submitters killed while an entry of theirs is on its way, which lands when another one may have taken their place. */
  readonly entryDeaths: number;
  /** Callers of a launch that die of it: before it took effect, or before they hear of it. */
  readonly launchDeaths: number;
  /** Launched workers that take up to minutes to boot; how long the provider doesn't list a new one, in milliseconds. */
  readonly lateBoots: number;
  readonly listLag: number;
  /** Workers that get a notice and are gone soon after; workers killed from outside. */
  readonly spot: number;
  readonly kills: number;
  /** Milliseconds after which nothing more goes wrong. */
  readonly until: number;
}

/** Shares of the tasks that are not plain. */
export interface TaskMix {
  readonly mean: number;
  /** Each takes the mean. */
  readonly even?: boolean;
  readonly long: number;
  readonly failing: number;
  readonly large: number;
  readonly bulky: number;
  /** Results without a value, and of 5 MB. */
  readonly empty: number;
  readonly huge: number;
  /** Inputs that are not plain JSON, and those that are blobs. */
  readonly rich: number;
  readonly blobs: number;
  readonly chatty: number;
  readonly poison: number;
  /** Fails as long as something outside is broken, and when that is mended, in milliseconds. */
  readonly broken: number;
  readonly mended: number;
  /** Ends its worker the first time only. */
  readonly shaky: number;
  /** Assignments whose slot dies in the middle. */
  readonly slotDeaths: number;
}

export interface SubmissionPlan {
  readonly tasks: number;
  /** `array`: whole, of known size; `iterable`: of unknown size; `stream`: comes in slowly. */
  readonly feed: "array" | "iterable" | "stream";
  readonly segment: number;
  readonly gap: number;
  readonly start: number;
  readonly ordered: boolean;
  readonly retries: number;
  readonly backoff: number;
  readonly grace: number;
  /** Cancelled by its signal after this time, or by leaving the loop after this many outcomes. */
  readonly cancelAfter?: number;
  readonly breakAfter?: number;
  /** Tasks at a time in a slot, and their longest time in milliseconds. */
  readonly concurrency: number;
  readonly timeout?: number;
  /** What they are said to take, in milliseconds. */
  readonly estimate?: number;
  /** Starts when its client has the outcomes of the one before, as a program that maps twice does. */
  readonly follows: boolean;
  /** Place of its client: 0 opened the session, and those who only submit have none. */
  readonly client: number;
}

/** What somebody says in the ledger who did nothing else for the session. */
export type Act =
  | "cancel"
  | "cancel submission"
  | "cancel tasks"
  | "retry"
  | "retry submission"
  | "retry tasks"
  | "end"
  /** A deadline that is soon, and one that has passed. */
  | "deadline"
  | "overdue"
  /** One that is far off. */
  | "extend"
  /** Whatever it was paused for. */
  | "resume";

export interface ActPlan {
  /** After this time, in milliseconds. */
  readonly after: number;
  readonly act: Act;
  /** Operations on the store after which its process dies. */
  readonly dies?: number;
}

/** Somebody who only submits, under the id `own-<n>`. */
export interface SubmitterPlan {
  readonly start: number;
  /** Place of its submission. */
  readonly n: number;
  /** As one more of what the session runs already, or with a task of its own. */
  readonly adds: boolean;
  /** Leaves its submission open, so that more may be added to the session. */
  readonly leavesOpen: boolean;
  /** Operations on the store after which its first processes die, and the time until it is started again. */
  readonly lives: readonly number[];
  readonly again: number;
}

export interface DaemonPlan {
  readonly start: number;
  /** Operations on the store after which it dies. */
  readonly dies?: number;
}

/** Somebody who collects in session order, from another machine. */
export interface CollectorPlan {
  readonly start: number;
  /** Waits for what is not there yet, or comes again. */
  readonly wait: boolean;
  /** Only what failed. */
  readonly failed: boolean;
  /** As those of a submitter. */
  readonly lives: readonly number[];
  readonly again: number;
}

export interface RemovalPlan {
  /** While others work; undefined: when all is over. */
  readonly after?: number;
  /** Waits for no worker. */
  readonly now: boolean;
  /** Has a backend whose workers it stops. */
  readonly backend: boolean;
  /** Operations on the store after which its process dies. */
  readonly dies?: number;
  /** The same of those who take the rest away, a day later. */
  readonly deaths: readonly number[];
}

/** A client that comes to a session that another one opened, with workers of its own. */
export interface JoinerPlan {
  readonly start: number;
  readonly ends: "close" | "detach" | "crash";
  /** As that of the first client. */
  readonly after: number;
}

export interface Scenario {
  readonly seed: number;
  readonly pace: StorePace;
  readonly ttl: number;
  readonly linger: number;
  readonly commitInterval: number;
  readonly latency: number;
  readonly pageSize: number;
  readonly roundedTimes: boolean;
  /** Each answer tells the store's clock. */
  readonly dated: boolean;
  readonly workers: number;
  readonly slots: number;
  readonly watch: boolean;
  readonly token: boolean;
  readonly reportDelay: number;
  readonly drift: number;
  readonly submissions: readonly SubmissionPlan[];
  /** `after`: milliseconds for a detach; operations on the store for a crash. */
  readonly client: { readonly ends: "close" | "detach" | "crash"; readonly after: number };
  readonly joiners: readonly JoinerPlan[];
  readonly submitters: readonly SubmitterPlan[];
  readonly daemons: readonly DaemonPlan[];
  readonly collectors: readonly CollectorPlan[];
  readonly removal?: RemovalPlan;
  /** Milliseconds after which an open session is ended to which nobody adds anything. */
  readonly idleTimeout?: number;
  /** Seconds of workers that may be paid for. */
  readonly budget?: number;
  /** In the end a daemon sees to it that all is done; or else somebody starts workers by hand. */
  readonly rescue: "daemon" | "hands";
  /** What others say while it runs, and when all is over, one after the other. */
  readonly acts: readonly ActPlan[];
  readonly afterwards: readonly Act[];
  /** Somebody looks on from another process, and others look in now and then. */
  readonly spectator: boolean;
  readonly onlookers: readonly ("status" | "glance")[];
  readonly mix: TaskMix;
  readonly faults: Faults;
}

const paces: readonly [StorePace, ...StorePace[]] = [
  { ttl: 60_000, commitInterval: 15_000, poll: [1000, 30_000], chunksPerSlot: 8 },
  { ttl: 10_000, commitInterval: 500, poll: [20, 1000], chunksPerSlot: 16 },
  { ttl: 10_000, commitInterval: 2000, poll: [100, 2000], chunksPerSlot: 4 },
];

export function scenarioOf(seed: number): Scenario {
  const plain = plainScenario(seed);
  return outlived(seen(haunted(withJoiners(plain))));
}

/** Sessions that go on when those are gone who began them: others look after them, from other machines, later. */
function outlived(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("outlived");
  if (random.chance(0.55)) return plain;
  const acts = Array.from({ length: random.whole(0, 3) }, (): ActPlan => {
    const act = random.pick([
      "retry",
      "retry",
      "retry submission",
      "retry tasks",
      "cancel tasks",
      "cancel tasks",
      "end",
      "deadline",
      "deadline",
      "overdue",
      "extend",
    ] as const);
    const after = random.exponential(act === "end" || act === "extend" ? 60_000 : 20_000);
    return { after, act, ...(random.chance(0.1) ? { dies: random.whole(0, 8) } : {}) };
  });
  const afterwards = Array.from({ length: random.whole(0, 2) }, () =>
    random.pick(["retry", "retry", "retry tasks", "retry submission", "cancel tasks", "deadline"] as const),
  );
  const quiet = new Random(plain.seed).fork("quiet");
  const idleTimeout = quiet.chance(0.2) ? quiet.between(5000, 90_000) : undefined;
  const submitters = Array.from({ length: random.chance(0.4) ? random.whole(1, 3) : 0 }, (_, k): SubmitterPlan => ({
    start: random.chance(0.3) ? 0 : random.exponential(20_000),
    n: plain.submissions.length + k,
    adds: random.chance(0.4),
    leavesOpen: quiet.chance(0.3),
    lives: Array.from({ length: random.chance(0.6) ? random.whole(1, 3) : 0 }, () =>
      Math.floor(random.next() ** 2 * 30),
    ),
    again: random.exponential(plain.faults.entryDeaths === 0 ? 10_000 : 20),
  }));
  const daemons = Array.from({ length: random.chance(0.5) ? random.whole(1, 3) : 0 }, (): DaemonPlan => ({
    start: random.chance(0.3) ? 0 : random.exponential(30_000),
    ...(random.chance(0.4) ? { dies: Math.floor(random.next() ** 2 * 300) } : {}),
  }));
  const collectors = Array.from({ length: random.chance(0.4) ? random.whole(1, 2) : 0 }, (): CollectorPlan => ({
    start: random.chance(0.3) ? 0 : random.exponential(30_000),
    wait: random.chance(0.6),
    failed: random.chance(0.25),
    lives: Array.from({ length: random.chance(0.6) ? random.whole(1, 4) : 0 }, () =>
      Math.floor(random.next() ** 2 * 80),
    ),
    again: random.exponential(5000),
  }));
  const removal: RemovalPlan | undefined = random.chance(0.15)
    ? {
        ...(random.chance(0.5) ? { after: random.exponential(30_000) } : {}),
        now: random.chance(0.2),
        backend: random.chance(0.5),
        ...(random.chance(0.4) ? { dies: random.whole(5, 20) } : {}),
        deaths: Array.from({ length: random.whole(0, 3) }, () => Math.floor(random.next() ** 2 * 20)),
      }
    : undefined;
  const work = plain.submissions.reduce((sum, { tasks }) => sum + tasks, 0) * plain.mix.mean * 0.001;
  const budget = random.chance(0.12) ? Math.ceil(5 + work * random.next() * 3) : undefined;
  const more = new Random(plain.seed).fork("submitters");
  const own = submitters.map(() => ({ ...submissionPlan(random, more, random.whole(0, 40)), client: -1 }));
  const retried = [...acts.map(({ act }) => act), ...afterwards].some((act) => act.startsWith("retry"));
  const { mix } = plain;
  return {
    ...plain,
    submissions: [...plain.submissions, ...own],
    submitters,
    daemons,
    collectors,
    ...(removal ? { removal } : {}),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    // Only who supervises knows what is paid for.
    ...(budget === undefined ? {} : { budget, rescue: "daemon" as const }),
    acts: [...plain.acts, ...acts],
    afterwards,
    // A retry of what never fails shows nothing.
    mix: {
      ...mix,
      ...(retried && random.chance(0.7) ? { failing: Math.max(mix.failing, random.next() ** 2 * 0.5) } : {}),
      ...(retried && random.chance(0.6)
        ? { broken: random.next() ** 2 * 0.6, mended: random.exponential(30_000) }
        : {}),
    },
  };
}

/** A watch tells of each change: only who lists can miss one. */
function seen(plain: Scenario): Scenario {
  return plain.watch ? { ...plain, faults: { ...plain.faults, forgotten: 0, listLag: 0 } } : plain;
}

/** Now and then nearly every worker is said to be gone while it lives, so that two run the same, batch for batch. */
function haunted(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("haunted");
  if (isCalm(plain) || random.chance(0.8)) return plain;
  const { submissions, faults, mix } = plain;
  return {
    ...plain,
    // Few slots and few chunks for each: turns of many batches.
    pace: random.pick([paces[0], { ...paces[0], ttl: 10_000, chunksPerSlot: 2 }]),
    ttl: 10_000,
    workers: random.whole(2, 4),
    slots: random.whole(1, 3),
    commitInterval: random.pick([50, 200, 1000]),
    submissions: submissions.map((submission) => ({
      ...submission,
      tasks: Math.min(submission.tasks * 2, Math.floor(500 / submissions.length)),
      retries: random.whole(0, 3),
      backoff: 100,
    })),
    watch: true,
    reportDelay: 50,
    mix: { ...mix, mean: random.pick([300, 1000]), failing: random.next() ** 2 * 0.6 },
    faults: {
      ...faults,
      falseExits: random.between(0.3, 1),
      spot: random.between(0, 0.6),
      slow: random.between(0, 0.05),
    },
  };
}

/** Some of the submissions are those of other clients. */
function withJoiners(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("joiners");
  if (plain.submissions.length < 2 || random.chance(0.5)) return plain;
  const joiners = Array.from({ length: random.whole(1, Math.min(3, plain.submissions.length - 1)) }, (): JoinerPlan => {
    const ends = random.pick(["close", "close", "detach", "crash"] as const);
    const after = ends === "detach" ? random.next() ** 2 * 120_000 : Math.floor(random.next() ** 3 * 1500);
    return { start: random.chance(0.3) ? 0 : random.exponential(20_000), ends, after };
  });
  const submissions = plain.submissions.map((submission, n) => ({
    ...submission,
    client: Math.max(0, n + joiners.length + 1 - plain.submissions.length),
  }));
  return { ...plain, joiners, submissions };
}

function plainScenario(seed: number): Scenario {
  const random = new Random(seed).fork("scenario");
  const pace = random.pick(paces);
  const calm = random.chance(0.1);
  // In a storm nearly everything goes wrong at once.
  const storm = random.chance(0.1);
  const rate = (probability: number, most: number) =>
    !calm && random.chance(storm ? 0.9 : probability) ? random.next() ** 2 * most : 0;
  const total = random.chance(0.5)
    ? random.whole(0, 60)
    : random.chance(0.8)
      ? random.whole(0, 300)
      : random.whole(0, 500);
  const count = random.chance(0.6) ? 1 : random.whole(2, 4);
  const mean = random.pick([5, 50, 300, 1000, 4000]);
  const until = random.between(20_000, 400_000);
  const more = new Random(seed).fork("more");
  const rare = (probability: number, most: number) => (more.chance(probability) ? more.next() ** 2 * most : 0);
  const fault = (probability: number, most: number) => (calm ? 0 : rare(storm ? 0.5 : probability, most));
  return {
    seed,
    pace,
    ttl: pace.ttl,
    linger: random.pick([0, 1000, 10_000]),
    commitInterval: random.chance(0.7) ? pace.commitInterval : random.pick([100, 1000, 5000]),
    latency: random.pick([2, 10, 40, 150]),
    pageSize: random.chance(0.8) ? 1000 : random.whole(1, 50),
    roundedTimes: random.chance(0.3),
    dated: pace === paces[0],
    workers: random.chance(0.6) ? random.whole(1, 4) : random.whole(1, 20),
    slots: random.whole(1, 4),
    watch: random.chance(0.7),
    token: random.chance(0.5),
    reportDelay: random.chance(0.6) ? 50 : random.between(50, pace.ttl * 3),
    drift: calm ? 0 : random.between(0, 0.01),
    submissions: Array.from({ length: count }, () => submissionPlan(random, more, Math.ceil(total / count))),
    client: random.chance(0.75)
      ? { ends: "close", after: 0 }
      : random.chance(0.4)
        ? { ends: "detach", after: random.next() ** 2 * 120_000 }
        : { ends: "crash", after: Math.floor(random.next() ** 3 * 1500) },
    joiners: [],
    acts: more.chance(0.08)
      ? [{ after: more.exponential(20_000), act: more.chance(0.3) ? "cancel" : "cancel submission" }]
      : [],
    afterwards: [],
    submitters: [],
    daemons: [],
    collectors: [],
    rescue: new Random(seed).fork("rescue").chance(0.5) ? "daemon" : "hands",
    spectator: new Random(seed).fork("spectator").chance(0.4),
    onlookers: (["status", "glance"] as const).filter(() => more.chance(0.15)),
    mix: {
      mean,
      long: rate(0.3, 0.05),
      failing: rate(0.5, 0.6),
      large: rate(0.2, 0.3),
      bulky: rate(0.03, 0.2),
      empty: rare(0.2, 0.3),
      huge: rare(0.03, 0.02),
      rich: rare(0.2, 0.5),
      blobs: rare(0.1, 0.1),
      chatty: rate(0.3, 0.5),
      poison: random.chance(0.02) ? 0.5 : rate(0.25, 0.04),
      shaky: rate(0.25, 0.1),
      broken: 0,
      mended: 0,
      slotDeaths: rate(0.2, 0.2),
    },
    faults: {
      refused: rate(0.4, 0.15),
      lostRequests: rate(0.4, 0.1),
      lostAnswers: rate(0.5, 0.15),
      lateLandings: rate(0.4, 0.1),
      slow: rate(0.4, 0.1),
      crashes: rate(0.4, 0.02),
      freezes: rate(0.4, 0.01),
      outages: random.chance(0.1) && !calm ? 1 : 0,
      clockJumps: random.chance(0.2) && !calm ? random.whole(1, 3) : 0,
      refusals: rate(0.2, 0.5),
      duplicates: rate(0.2, 0.5),
      stillborn: rate(0.15, 0.3),
      falseExits: rate(0.3, 0.6),
      forgotten: new Random(seed).fork("forgotten").chance(0.3) && !calm ? 0.5 : 0,
      backend: rate(0.15, 0.2),
      entryDeaths: new Random(seed).fork("entry deaths").chance(0.35) && !calm ? 0.8 : 0,
      launchDeaths: new Random(seed).fork("launch deaths").chance(0.12) && !calm ? 0.4 : 0,
      lateBoots: fault(0.15, 0.5),
      listLag: fault(0.2, 60_000),
      spot: rate(0.3, 0.5),
      kills: rate(0.3, 0.5),
      until,
    },
  };
}

/** What is stopped in the middle runs again, or its neighbours do. */
const stopping: ReadonlySet<Act> = new Set(["cancel tasks", "deadline", "overdue"]);

/** Nothing goes wrong but tasks themselves: what runs twice then runs twice for nothing. A client that closes takes its workers from what others submitted. */
export function isCalm({ faults, mix, joiners, acts, afterwards, budget, removal }: Scenario): boolean {
  const { until: _, ...rates } = faults;
  const troubles = mix.poison + mix.shaky + mix.slotDeaths + joiners.length;
  const stops = [...acts.map(({ act }) => act), ...afterwards].some((act) => stopping.has(act));
  const limited = stops || budget !== undefined || removal !== undefined;
  return Object.values(rates).every((rate) => rate === 0) && troubles === 0 && !limited;
}

function submissionPlan(random: Random, more: Random, tasks: number): SubmissionPlan {
  const feed = random.pick(["array", "array", "iterable", "stream"] as const);
  return {
    tasks: random.chance(0.05) ? 0 : tasks,
    feed,
    segment: random.chance(0.5) ? 1000 : random.whole(1, 100),
    gap: feed === "stream" ? random.exponential(3000) : 0,
    start: random.chance(0.5) ? 0 : random.exponential(20_000),
    ordered: random.chance(0.5),
    retries: random.chance(0.5) ? 0 : random.whole(1, 3),
    backoff: random.pick([0, 100, 1000, 20_000]),
    grace: random.pick([0, 1000, 5000]),
    ...(random.chance(0.15) ? { cancelAfter: random.exponential(20_000) } : {}),
    ...(random.chance(0.1) ? { breakAfter: random.whole(1, Math.max(1, tasks)) } : {}),
    concurrency: more.chance(0.2) ? more.whole(2, 20) : 1,
    ...(more.chance(0.1) ? { timeout: more.pick([50, 1000, 10_000]) } : {}),
    follows: more.chance(0.3),
    client: 0,
  };
}

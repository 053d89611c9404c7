import { Random } from "../random.ts";
import { paces } from "./paces.ts";
import type { Scenario } from "./scenario.ts";
import { submissionPlan } from "./submission-plan.ts";

/** Each kills some workers one after the other: where half of all tasks do, a history of hundreds takes hours, and tells nothing more. */
const mostPoison = 30;

export function plainScenario(seed: number): Scenario {
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
    listeners: [],
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
      poison: random.chance(0.02) ? Math.min(0.5, mostPoison / total) : rate(0.25, 0.04),
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
      silent: 0,
      awakes: 0,
      storms: 0,
      listLag: fault(0.2, 60_000),
      spot: rate(0.3, 0.5),
      kills: rate(0.3, 0.5),
      until,
    },
  };
}

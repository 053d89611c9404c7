import { Random } from "../random.ts";
import type { ActPlan, CollectorPlan, DaemonPlan, RemovalPlan, SubmitterPlan } from "./plans.ts";
import type { Scenario } from "./scenario.ts";
import { submissionPlan } from "./submission-plan.ts";

/** Sessions that go on when those are gone who began them: others look after them, from other machines, later. */
export function outlived(plain: Scenario): Scenario {
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

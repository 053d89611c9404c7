import { budgetScenario, toldBudget } from "./budget.ts";
import { makespanScenario, toldMakespan } from "./makespan.ts";
import type { MakespanJob } from "./makespan.ts";
import { bugs } from "./bugs.ts";
import { moneyScenario } from "./money-scenario.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { simulate } from "./simulate.ts";
import type { SimulationReport } from "./simulate.ts";
import { toldWaves, wavesScenario } from "./waves.ts";

/** A history that is made to measure something, or to show more of it. */
type Mode = { readonly kind: "budget" | "waves" | "money" } | ({ readonly kind: "makespan" } & MakespanJob);

/** One seed to play. `bug`: with the rules of this one in place. */
export interface Job {
  readonly seed: number;
  readonly bug?: string | undefined;
  readonly trace?: boolean | undefined;
  /** Plays no further than to the first violation. Default: to the end. */
  readonly untilBroken?: boolean | undefined;
  /** What is played in place of the seed's own history. Default: nothing. */
  readonly mode?: Mode | undefined;
}

export interface Played {
  readonly seed: number;
  readonly scenario: string;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly elapsed: number;
  /** It was given up, since it took too long. */
  readonly unfinished?: true;
}

/** What a player says each second while it plays: for how long it has played this seed, in milliseconds of processor time. */
export interface Sign {
  readonly used: number;
}

process.on("message", (job: Job) => {
  const before = process.cpuUsage();
  const signs = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    process.send?.({ used: (user + system) / 1000 } satisfies Sign);
  }, 1000);
  void play(job)
    .finally(() => clearInterval(signs))
    .then((played) => process.send?.(played));
});

async function play(job: Job): Promise<Played> {
  const { seed, mode } = job;
  switch (mode?.kind) {
    case "budget":
      return measured(seed, budgetScenario(seed), toldBudget);
    case "makespan":
      return measured(seed, makespanScenario(seed, mode), (report) => toldMakespan(mode, report));
    case "waves":
      return measured(seed, wavesScenario(seed), toldWaves);
    case "money":
      return judged(job, moneyScenario(seed));
    case undefined:
      return judged(job, undefined);
  }
}

async function judged(
  { seed, bug, trace = false, untilBroken = false }: Job,
  own: Scenario | undefined,
): Promise<Played> {
  const rules = bug === undefined ? {} : (bugs[bug]?.rules ?? {});
  const options = { trace, rules, untilBroken, ...(own ? { scenario: own } : {}) };
  const { scenario, violations, elapsed, ...report } = await simulate(seed, options);
  return { seed, scenario: JSON.stringify(scenario, undefined, 2), violations, elapsed, trace: report.trace };
}

async function measured(seed: number, scenario: Scenario, tell: (report: SimulationReport) => string): Promise<Played> {
  const report = await simulate(seed, { scenario });
  const { violations, elapsed } = report;
  return { seed, scenario: tell(report), violations, elapsed, trace: [] };
}

import { budgetScenario, toldBudget } from "./budget.ts";
import { makespanScenario, toldMakespan } from "./makespan.ts";
import type { MakespanJob } from "./makespan.ts";
import { bugs } from "./bugs.ts";
import { simulate } from "./simulate.ts";

/** One seed to play. `bug`: with the rules of this one in place. */
export interface Job {
  readonly seed: number;
  readonly bug?: string | undefined;
  readonly trace?: boolean | undefined;
  /** The scenario whose requests are counted, in place of the seed's own. */
  readonly budget?: boolean | undefined;
  /** The job whose time is measured, in place of the seed's own. */
  readonly makespan?: MakespanJob | undefined;
}

export interface Played {
  readonly seed: number;
  readonly scenario: string;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly elapsed: number;
  /** It was given up, since it took too much of real time. */
  readonly unfinished?: true;
}

process.on("message", (job: Job) => {
  void play(job).then((played) => process.send?.(played));
});

async function play({ seed, bug, trace = false, budget = false, makespan }: Job): Promise<Played> {
  if (makespan) {
    const played = await simulate(seed, { scenario: makespanScenario(seed, makespan) });
    const { violations, elapsed } = played;
    return { seed, scenario: toldMakespan(makespan, played), violations, elapsed, trace: [] };
  }
  if (budget) {
    const counted = await simulate(seed, { scenario: budgetScenario(seed) });
    const { violations, elapsed } = counted;
    return { seed, scenario: toldBudget(counted), violations, elapsed, trace: [] };
  }
  const rules = bug === undefined ? {} : (bugs[bug]?.rules ?? {});
  const { scenario, violations, elapsed, ...report } = await simulate(seed, { trace, rules });
  return { seed, scenario: JSON.stringify(scenario, undefined, 2), violations, elapsed, trace: report.trace };
}

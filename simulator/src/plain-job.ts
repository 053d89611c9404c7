import { scenarioOf } from "./scenario/scenario-of.ts";
import type { Scenario } from "./scenario/scenario.ts";

/** One client that maps one array, on a fleet that nothing happens to, in a session that nobody else cares for. */
export function plainJob(seed: number, tasks: number): Scenario {
  const plain = scenarioOf(seed);
  const { removal: _removal, budget: _budget, idleTimeout: _idleTimeout, ...more } = plain;
  const { maxRate: _maxRate, warnAt: _warnAt, startTimeout: _startTimeout, provider: _provider, ...rest } = more;
  return {
    ...rest,
    acts: [],
    submitters: [],
    daemons: [],
    collectors: [],
    listeners: [],
    afterwards: [],
    linger: 10_000,
    pageSize: 1000,
    roundedTimes: true,
    slots: 1,
    watch: false,
    token: true,
    reportDelay: 50,
    drift: 0,
    submissions: [
      {
        tasks,
        feed: "array",
        segment: 1000,
        gap: 0,
        start: 0,
        ordered: false,
        retries: 0,
        backoff: 1000,
        grace: 5000,
        concurrency: 1,
        follows: false,
        client: 0,
      },
    ],
    client: { ends: "close", after: 0 },
    joiners: [],
    spectator: false,
    onlookers: [],
    mix: none(plain.mix),
    faults: none(plain.faults),
  };
}

function none<T extends object>(rates: T): T {
  return Object.fromEntries(Object.keys(rates).map((name) => [name, 0])) as T;
}

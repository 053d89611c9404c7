import { scenarioOf } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulationReport } from "./simulate.ts";

const tasks = 10_000;

/** 10,000 tasks of one second on 100 workers of one slot, on a store with the pace of S3, and nothing goes wrong. */
export function budgetScenario(seed: number): Scenario {
  const plain = scenarioOf(seed);
  const pace = { ttl: 60_000, commitInterval: 15_000, poll: [1000, 30_000], chunksPerSlot: 8 } as const;
  const { removal: _removal, budget: _budget, idleTimeout: _idleTimeout, ...rest } = plain;
  return {
    ...rest,
    acts: [],
    submitters: [],
    daemons: [],
    collectors: [],
    afterwards: [],
    pace,
    ttl: pace.ttl,
    commitInterval: pace.commitInterval,
    linger: 10_000,
    latency: 10,
    pageSize: 1000,
    roundedTimes: true,
    dated: true,
    workers: 100,
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
        estimate: 1000,
        follows: false,
        client: 0,
      },
    ],
    client: { ends: "close", after: 0 },
    joiners: [],
    spectator: false,
    onlookers: [],
    mix: { ...none(plain.mix), mean: 1000, even: true },
    faults: none(plain.faults),
  };
}

/** All requests of all processes until the workers are gone, by kind, and how many they are for each task. */
export function toldBudget({ requests, violations, elapsed }: SimulationReport): string {
  const sum = (processes: Iterable<Readonly<Record<string, number>>>) => {
    const kinds: Record<string, number> = {};
    for (const counts of processes)
      for (const [kind, count] of Object.entries(counts)) kinds[kind] = (kinds[kind] ?? 0) + count;
    return kinds;
  };
  const all = Object.values(sum(requests.values())).reduce((total, count) => total + count, 0);
  const client = sum([requests.get("client") ?? {}]);
  const workers = sum([...requests].filter(([name]) => name !== "client").map(([, counts]) => counts));
  return [
    ...violations,
    `${tasks} tasks of 1 s on 100 workers in ${Math.round(elapsed / 1000)} s: ${all} requests, ${(all / tasks).toFixed(3)} per task.`,
    `client: ${JSON.stringify(client)}`,
    `workers: ${JSON.stringify(workers)}`,
  ].join("\n");
}

function none<T extends object>(rates: T): T {
  return Object.fromEntries(Object.keys(rates).map((name) => [name, 0])) as T;
}

import { plainJob } from "./plain-job.ts";
import { paces } from "./scenario/paces.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { SimulationReport } from "./simulate.ts";

const tasks = 10_000;

/** 10,000 tasks of one second on 100 workers of one slot, on a store with the pace of S3, and nothing goes wrong. */
export function budgetScenario(seed: number): Scenario {
  const job = plainJob(seed, tasks);
  const [pace] = paces;
  return {
    ...job,
    pace,
    ttl: pace.ttl,
    commitInterval: pace.commitInterval,
    latency: 10,
    dated: true,
    workers: 100,
    submissions: job.submissions.map((submission) => ({ ...submission, estimate: 1000 })),
    mix: { ...job.mix, mean: 1000, sigma: 0 },
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

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

/**
 * All requests of all processes until the workers are gone: how many they are for each task; of the client and of all workers by kind,
 * and beneath that by the kind of key that was asked for.
 */
export function toldBudget({ requests, violations, elapsed }: SimulationReport): string {
  const client = [...(requests.get("client") ?? [])];
  const workers = [...requests].flatMap(([name, counts]) => (name === "client" ? [] : [...counts]));
  const all = [...client, ...workers].reduce((total, [, count]) => total + count, 0);
  return [
    ...violations,
    `${tasks} tasks of 1 s on 100 workers in ${Math.round(elapsed / 1000)} s: ${all} requests, ${(all / tasks).toFixed(3)} per task.`,
    ...toldCounts("client", client),
    ...toldCounts("workers", workers),
  ].join("\n");
}

function toldCounts(who: string, counts: readonly (readonly [what: string, count: number])[]): string[] {
  const kinds: Record<string, number> = {};
  const keys = new Map<string, number>();
  for (const [what, count] of counts) {
    const [kind = ""] = what.split(" ", 1);
    kinds[kind] = (kinds[kind] ?? 0) + count;
    keys.set(what, (keys.get(what) ?? 0) + count);
  }
  const most = [...keys].toSorted(([, one], [, other]) => other - one);
  return [
    `${who}: ${JSON.stringify(kinds)}`,
    ...most.map(([what, count]) => `  ${String(count).padStart(5)} ${what}`.trimEnd()),
  ];
}

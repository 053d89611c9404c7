import { costOf, sumOfCosts } from "../../costs.ts";
import type { Cost } from "../../costs.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import type { StatusAsker } from "./status.ts";
import { readUsage } from "./usage.ts";
import type { WorkerLife } from "./worker-lives.ts";
import { billedTime, readExits, workerTimes } from "./worker-times.ts";
import type { ExitFact } from "./worker-times.ts";

export interface SessionCost {
  /** Of all that is known, if in one currency. */
  readonly total?: Cost | undefined;
  /** Time of workers. */
  readonly workers?: Cost | undefined;
  /** Requests to the store; only when they were asked for. */
  readonly requests?: Cost | undefined;
}

/** Time of workers, and requests where they are asked for. undefined: nobody knows any price. */
export async function costSoFar(
  facts: Facts,
  keys: SessionKeys,
  ledger: Ledger,
  lives: readonly WorkerLife[],
  now: number,
  { costs, client, requests: wanted }: StatusAsker,
): Promise<SessionCost | undefined> {
  if (!costs) return undefined;
  const { fleet } = ledger.session;
  const rate = await costs.worker(fleet?.spec ?? {}, fleet?.backend);
  // What is free is not looked up.
  const exits = rate && rate.amount > 0 ? await readExits(facts, keys) : new Map<string, ExitFact>();
  const billed = workerTimes(lives, exits).map((time) => billedTime(time, now, fleet?.minimumBilling ?? 0));
  const workers = rate && costOf(billed.reduce((sum, ms) => sum + ms, 0) / 3_600_000, rate);
  const requests = wanted ? (await readUsage(facts, keys, client, costs)).cost?.requests : undefined;
  const known = [workers, requests].filter((cost) => cost !== undefined);
  if (known.length === 0) return undefined;
  const total = sumOfCosts(known);
  return { ...(total ? { total } : {}), ...(workers ? { workers } : {}), ...(requests ? { requests } : {}) };
}

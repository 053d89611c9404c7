import { costOfRequests, costOf, sumOfCosts } from "../../costs.ts";
import type { Cost, CostEstimator, Rate, StoreRates } from "../../costs.ts";
import type { StoreRequests } from "../../store.ts";
import type { Place } from "../place.ts";
import { endedLives } from "./ended-lives.ts";
import { launchTerms } from "./launch-terms.ts";
import { lastCommits } from "./lost-work.ts";
import { readPresence } from "./presence.ts";
import { readStatus } from "./status.ts";
import type { SessionStatus } from "./status.ts";
import { sumOfUsage } from "./usage.ts";
import type { SessionUsage } from "./usage.ts";
import { accountOf, isLost } from "./worker-account.ts";
import type { AccountedWorker, WorkerAccount, Waste } from "./worker-account.ts";
import { readExits, workerTimes } from "./worker-times.ts";
import { readWords } from "./words.ts";

export type CostKind = "workers" | "requests" | "storage" | "transfer";

/** What a session has cost, by kind, and what for. Plain data. */
export interface Receipt {
  readonly session: string;
  readonly state: SessionStatus["state"];
  /** No worker lives: nothing is added but storage, unless somebody goes on. */
  readonly final: boolean;
  /** When it was told, in milliseconds since the epoch, on the store's clock. */
  readonly at: number;
  readonly tasks: Pick<SessionStatus, "tasks" | "succeeded" | "failed" | "cancelled">;
  /** Of each kind as far as its price is known; ranges where prices move. `total`: of what is known, if in one currency. */
  readonly cost: Readonly<Partial<Record<CostKind | "total", Cost>>>;
  /** Kinds of which nobody knows a price, or not for all of it: they are not in the total, or not wholly. */
  readonly unknown: readonly CostKind[];
  /** The total per 1,000 tasks that have their outcome. undefined: there is no such task, or nothing is known. */
  readonly perThousand?: Cost | undefined;
  /**
   * Worker processes, those that have not ended, hours that are billed of all of them, and prices of one per hour. `told`: those of which the
   * provider told when they began and ended; of others, what they wrote themselves tells it about.
   */
  readonly workers: Pick<WorkerAccount, "processes" | "live" | "told" | "hours"> & { readonly rates: readonly Rate[] };
  /** Of the time of their slots, as far as workers told, the share in which no task ran: from 0 to 1. */
  readonly idleShare?: number | undefined;
  /** What came to nothing; at most that, where workers were killed. Shares of the cost of workers, not added to it. */
  readonly waste: {
    /** Attempts that failed and were followed by another. */
    readonly retries: Waste;
    /** What spot losses, deaths, silence and stops threw away; `workers`: those that were lost. */
    readonly lost: Waste & { readonly workers: number };
  };
  /** What everybody asked of the store, as far as they told. */
  readonly usage: Omit<SessionUsage, "cost">;
}

/**
 * From the store and a cost estimator only, wherever that is: times of workers as their provider billed them, where a supervisor heard of it.
 * Some LISTs; a GET or two for each process, a GET for each launch, and some for each turn that was taken over.
 */
export async function readReceipt({ id, facts, keys, view, client }: Place, costs: CostEstimator): Promise<Receipt> {
  const status = await readStatus(facts, keys, view);
  const { created, ttl, fleet } = view.current.session;
  const presence = await readPresence(facts, keys, ttl);
  const { now } = presence;
  const words = await readWords(facts, keys, client);
  const lives = endedLives(presence, status.workers > 0 ? now : 0, ttl);
  const times = workerTimes(lives, await readExits(facts, keys));
  const terms = await launchTerms(facts, keys, fleet, costs);
  const said = new Map(words.map((word) => [word.process, word]));
  const nameOf = ({ launch, slot }: { readonly launch: number; readonly slot: number }) => `${launch}.${slot}`;
  const killed = times.filter((time) => time.to !== undefined && isLost(time, said.get(nameOf(time))));
  const unsaved = await lastCommits(facts, keys, new Map(killed.map((time) => [nameOf(time), time.to ?? now])));
  const workers: AccountedWorker[] = times.map((time) => ({
    time,
    terms: terms(time.launch),
    words: said.get(nameOf(time)),
    unsaved: unsaved.get(nameOf(time)),
  }));
  const account = accountOf(workers, now);
  const usage = sumOfUsage([facts.usage, ...words.map((word) => word.usage)]);
  const ofWorkers = sumOfUsage(workers.map((worker) => worker.words?.usage)).bytes;
  const ended = account.live > 0 ? now : Math.max(created, ...times.map(({ to = now }) => to));
  const kinds: Readonly<Record<CostKind, Cost | undefined>> = {
    workers: account.cost,
    ...costsOfStore(await costs.store(), usage, ofWorkers, { created, ended: Math.min(ended, now), now }),
  };
  const known = Object.entries(kinds).filter((entry): entry is [CostKind, Cost] => entry[1] !== undefined);
  const total = sumOfCosts(known.map(([, cost]) => cost));
  const { processes, live, told, hours } = account;
  const { tasks, succeeded, failed, cancelled, state } = status;
  const outcomes = succeeded + failed + cancelled;
  return {
    session: id,
    state,
    final: account.live === 0,
    at: now,
    tasks: { tasks, succeeded, failed, cancelled },
    cost: { ...(total ? { total } : {}), ...Object.fromEntries(known) },
    unknown: (Object.keys(kinds) as CostKind[]).filter((kind) =>
      kind === "workers" ? account.unpriced : kinds[kind] === undefined,
    ),
    ...(total && outcomes > 0 ? { perThousand: costOf(1000 / outcomes, total) } : {}),
    workers: { processes, live, told, hours, rates: ratesOf(workers) },
    ...(account.idleShare === undefined ? {} : { idleShare: account.idleShare }),
    waste: { retries: account.retried, lost: account.lost },
    usage,
  };
}

const GB = 2 ** 30;
const month = 30 * 86_400_000;

/** What was written is taken to have come evenly while workers were there, and to lie there since. */
function costsOfStore(
  rates: StoreRates | undefined,
  { requests, bytes }: { readonly requests: StoreRequests; readonly bytes: SessionUsage["bytes"] },
  ofWorkers: SessionUsage["bytes"],
  { created, ended, now }: { readonly created: number; readonly ended: number; readonly now: number },
): Readonly<Record<Exclude<CostKind, "workers">, Cost | undefined>> {
  const months = ((ended - created) / 2 + (now - ended)) / month;
  const { storage, transfer } = rates ?? {};
  const there = transfer && [costOf(ofWorkers.sent / GB, transfer.in), costOf(ofWorkers.received / GB, transfer.out)];
  return {
    requests: rates && costOfRequests(requests, rates.requests),
    storage: storage && costOf((bytes.sent / GB) * months, storage),
    transfer: there && sumOfCosts(there),
  };
}

/** Each once. */
function ratesOf(workers: readonly AccountedWorker[]): readonly Rate[] {
  return [...new Set(workers.flatMap(({ terms }) => terms.rate ?? []))];
}

import { costOf, costOfRequests, sumOfCosts } from "../../costs.ts";
import type { Cost } from "../../costs.ts";
import type { StoreRequests } from "../../store.ts";
import type { CostKind } from "../status/receipt.ts";
import { chance, resampled } from "./chance.ts";
import { countRequests } from "./count-requests.ts";
import type { CostSpread, JobModel, Spread } from "./job-model.ts";
import { packingOf } from "./packing.ts";
import type { Packing } from "./packing.ts";
import { playJob } from "./play-job.ts";

/** What a job would take and cost. */
export interface JobEstimate {
  /** Seconds, from the launch until the last outcome is there. */
  readonly wall: Spread;
  /** By kind, as far as prices are known. `total`: of these, if in one currency. */
  readonly cost: Readonly<Partial<Record<CostKind | "total", CostSpread>>>;
  /** Kinds of which nobody knows the price: they are not in the total. */
  readonly unknown: readonly CostKind[];
  /** Workers that would be launched: those asked for, or fewer where more are not worth it. */
  readonly workers: number;
  readonly chunks: number;
  /** Hours of workers that are billed, all together. */
  readonly hours: Spread;
  readonly requests: StoreRequests;
  /** All that this rests on. */
  readonly assumptions: JobModel;
}

/** What a job would take and cost, played with as many other samples as its model says. Pure: the same model gives the same estimate. */
export function estimateJob(model: JobModel): JobEstimate {
  const packing = packingOf(model);
  const random = chance(model.seed);
  const rounds: Round[] = [];
  for (let n = 0; n < model.rounds; n++)
    rounds.push(playRound(model, packing, resampled(model.seconds, random), random));
  const middle = quantile(
    rounds.map(({ wall }) => wall),
    0.5,
  );
  const kinds = ["workers", "requests", "storage", "transfer", "total"] as const;
  const spreads = kinds.flatMap((kind) => {
    const costs = rounds.flatMap(({ costs: of }) => of[kind] ?? []);
    return costs.length < rounds.length ? [] : [[kind, costSpread(costs)] as const];
  });
  return {
    wall: spread(rounds.map(({ wall }) => wall)),
    cost: Object.fromEntries(spreads),
    unknown: kinds.filter((kind) => kind !== "total" && spreads.every(([known]) => known !== kind)) as CostKind[],
    workers: packing.workers,
    chunks: packing.chunks.reduce((sum, { count }) => sum + count, 0),
    hours: spread(rounds.map(({ hours }) => hours)),
    requests: countRequests(model, packing, mean(model.seconds) * model.slowdown, middle),
    assumptions: model,
  };
}

interface Round {
  readonly wall: number;
  readonly hours: number;
  readonly costs: Readonly<Partial<Record<CostKind | "total", Cost>>>;
}

function playRound(model: JobModel, packing: Packing, sample: readonly number[], random: () => number): Round {
  const { wall, billed } = playJob(model, packing, sample, random);
  const hours = billed / 3600;
  const { rate, storeRates, tasks, bytes, kept } = model;
  const [sent, received] = [(tasks * bytes.output) / GB, (tasks * bytes.input) / GB];
  const requests = countRequests(model, packing, mean(sample) * model.slowdown, wall);
  const transfer = storeRates?.transfer;
  const moved = transfer && sumOfCosts([costOf(sent, transfer.in), costOf(received, transfer.out)]);
  const costs = {
    ...(rate ? { workers: costOf(hours, rate) } : {}),
    ...costIf("requests", storeRates && costOfRequests(requests, storeRates.requests)),
    ...costIf("storage", storeRates?.storage && costOf(((sent + received) * kept) / 30, storeRates.storage)),
    ...costIf("transfer", moved),
  };
  return { wall, hours, costs: { ...costs, ...costIf("total", sumOfCosts(Object.values(costs))) } };
}

const GB = 2 ** 30;

function costIf(kind: CostKind | "total", cost: Cost | undefined): Partial<Record<CostKind | "total", Cost>> {
  return cost ? { [kind]: cost } : {};
}

/** At the price that is expected. `range`: what half of the time is not exceeded, were the price the lowest or the highest all along. */
function costSpread(costs: readonly Cost[]): CostSpread {
  const bound = (of: 0 | 1) =>
    quantile(
      costs.map(({ amount, range }) => range?.[of] ?? amount),
      0.5,
    );
  const moves = costs.some(({ range }) => range !== undefined);
  return {
    ...spread(costs.map(({ amount }) => amount)),
    currency: costs[0]?.currency ?? "",
    ...(moves ? { range: [bound(0), bound(1)] as const } : {}),
  };
}

function spread(values: readonly number[]): Spread {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95) };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

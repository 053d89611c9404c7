import { Random } from "../random.ts";
import { isCalm } from "./calm.ts";
import type { Faults } from "./faults.ts";
import { roomy } from "./provider-plan.ts";
import type { PriceStep, ProviderPlan, QuotaStep } from "./provider-plan.ts";
import type { Scenario } from "./scenario.ts";

/** In half of all histories workers are scarce, slow to come, and cost what changes. */
export function withProvider(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("provider plan");
  if (random.chance(0.5)) return plain;
  const { faults, workers } = plain;
  const calm = isCalm(plain);
  const boot = random.pick<readonly [least: number, beyond: number]>([
    [0, 500],
    [2000, 3000],
    [15_000, 15_000],
    [60_000, 60_000],
  ]);
  const provider: ProviderPlan = {
    quota: random.chance(0.6) ? quotaOf(random, workers, faults.until) : [],
    tellsWhen: random.pick([0, 0.5, 1]),
    ...(random.chance(0.5) ? { capacity: { lag: random.pick([0, 0, 5000, 30_000]) } } : {}),
    minimumBilling: random.pick([0, 0, 10_000, 60_000]),
    prices: pricesOf(random, faults.until),
    clock: { offset: random.between(-2000, 2000), drift: random.between(-plain.drift, plain.drift) },
    maxWorkers: random.chance(0.2) ? random.whole(1, workers) : 1000,
  };
  const highest = Math.max(...provider.prices.map(({ perSecond }) => perSecond));
  // What it is worth in workers' seconds stays the same.
  const budget = plain.budget === undefined ? undefined : plain.budget * highest;
  const amount = budget === undefined ? (20 + random.exponential(200)) * highest : budget * random.between(0.1, 1.2);
  const storms = !calm && random.chance(0.15) ? random.whole(1, 4) : 0;
  const silent = !calm && random.chance(0.15) ? random.next() ** 2 * 0.5 : 0;
  const neverStarts = !calm && random.chance(0.06);
  const startTimeout = 20_000 + (boot[0] + boot[1]) * random.pick([3, 10]);
  return {
    ...plain,
    provider,
    boot,
    ...(budget === undefined ? {} : { budget }),
    ...(random.chance(0.2) ? { maxRate: highest * random.between(1, workers + 1) } : {}),
    ...(random.chance(0.25) ? { warnAt: amount } : {}),
    ...(random.chance(0.25) || neverStarts ? { startTimeout } : {}),
    ...troublesOf(plain, random, {
      storms,
      silent,
      ...(neverStarts ? { awakes: startTimeout + random.between(30_000, 200_000) } : {}),
    }),
  };
}

/** Where nothing starts, or where the provider is all there is to mind, nothing else goes wrong: there, more can be told for sure. */
function troublesOf(
  { faults, reportDelay }: Scenario,
  random: Random,
  { storms, silent, awakes = 0 }: { readonly storms: number; readonly silent: number; readonly awakes?: number },
): Pick<Scenario, "faults" | "reportDelay"> {
  if (awakes === 0 && random.chance(0.75)) return { faults: { ...faults, storms, silent, awakes }, reportDelay };
  const none = Object.fromEntries(Object.keys(faults).map((name) => [name, 0])) as { [Name in keyof Faults]: number };
  const { spot, until } = faults;
  const own = awakes > 0 ? { awakes, until: Math.max(until, awakes) } : { storms, spot, until };
  return { faults: { ...none, ...own }, reportDelay: 50 };
}

/** Comes and goes, now and then to nothing. */
function quotaOf(random: Random, workers: number, until: number): QuotaStep[] {
  const kind = random.pick(["quota", "capacity"] as const);
  const steps: QuotaStep[] = [];
  for (let from = 0; from < until; from += random.exponential(40_000))
    steps.push({ from, most: random.whole(0, workers + 1), kind });
  return steps;
}

/** Of one that stays, or of spot workers. */
function pricesOf(random: Random, until: number): PriceStep[] {
  const perSecond = random.pick([1, 0.01, 3]);
  if (random.chance(0.6)) return [{ from: 0, perSecond }];
  const steps: PriceStep[] = [];
  for (let from = 0; from < until; from += random.exponential(60_000))
    steps.push({ from, perSecond: perSecond * random.between(0.5, 1.5) });
  return steps;
}

/** What a provider is like of which nothing is said. */
export function providerOf({ provider }: Scenario): ProviderPlan {
  return provider ?? roomy;
}

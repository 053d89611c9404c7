import { durationInWords } from "../../duration-in-words.ts";
import { shownMoney } from "../budget.ts";
import type { CostSpread } from "./job-model.ts";
import type { QuotedEstimate } from "./quote-job.ts";

/** How much sooner all has to be done elsewhere to be worth going there. */
const worthwhile = 1.25;

/**
 * Which estimate to choose: of those that are about as quick as the quickest, the cheapest; and those of the first place before all others,
 * where none of these is worth leaving it. What nobody knows the price of is never cheap.
 */
export function verdictOf(estimates: readonly QuotedEstimate[]): { readonly best: number; readonly because: string } {
  const home = estimates[0]?.place;
  const all = estimates.map((estimate, index) => ({ estimate, index }));
  const here = choose(all.filter(({ estimate }) => estimate.place === home));
  const away = choose(all.filter(({ estimate }) => estimate.place !== home));
  if (!here) return { best: 0, because: "there is nothing to choose from" };
  const took = durationInWords(here.estimate.wall.p50);
  if (!away) return { best: here.index, because: `${named(here.estimate)} takes ${took}` };
  const { wall, cost } = away.estimate;
  if (wall.p50 * worthwhile < here.estimate.wall.p50)
    return {
      best: away.index,
      because: `${named(away.estimate)} takes ${durationInWords(wall.p50)} instead of ${took} on ${home}, for ${shownCost(cost.total)}`,
    };
  return {
    best: here.index,
    because: `staying on ${home} is best: it takes ${took}, and ${named(away.estimate)} ${durationInWords(wall.p50)} for ${shownCost(cost.total)}`,
  };
}

interface Choice {
  readonly estimate: QuotedEstimate;
  readonly index: number;
}

function choose(choices: readonly Choice[]): Choice | undefined {
  const quickest = Math.min(...choices.map(({ estimate }) => estimate.wall.p50));
  const quick = choices.filter(({ estimate }) => estimate.wall.p50 <= quickest * worthwhile);
  return quick.sort((a, b) => price(a.estimate) - price(b.estimate) || a.estimate.asked - b.estimate.asked)[0];
}

function price({ cost, unknown }: QuotedEstimate): number {
  return unknown.includes("workers") ? Number.POSITIVE_INFINITY : (cost.total?.p50 ?? Number.POSITIVE_INFINITY);
}

function named({ place, asked }: QuotedEstimate): string {
  return `${place} with ${asked} ${asked === 1 ? "worker" : "workers"}`;
}

function shownCost(cost: CostSpread | undefined): string {
  return cost ? shownMoney({ amount: cost.p50, currency: cost.currency }) : "a price that nobody knows";
}

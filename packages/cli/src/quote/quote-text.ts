import type { CostSpread, Quote, QuotedEstimate, Rate, Spread } from "@skyburst/core";
import { countOf } from "../output/count-of.ts";
import { money } from "../output/money.ts";
import { table } from "../output/table.ts";
import { took } from "../output/took.ts";
import { wrapped } from "../output/wrapped.ts";

/**
 * A table of sizes, what it rests on, and which of them to choose.
 *
 * @param places Places that were compared.
 * @param width Of a line, where words allow it.
 */
export function quoteText(quote: Quote, places: number, width: number): string {
  const { estimates, best, because } = quote;
  const rows = estimates.map((estimate, n) => row(estimate, n === best));
  const lines = [
    ...(places === 1
      ? ["no backend is configured beside this machine: name some as `backends` in skyburst.config.ts"]
      : []),
    ...assumptions(quote),
  ];
  return [
    table([["WHERE", "WORKERS", "SLOTS", "TIME (p50–p95)", "COST (p50–p95)"], ...rows]),
    `\nAssumed:\n${lines.map((line) => `  ${wrapped(line, width - 2, "    ")}\n`).join("")}`,
    `\n${wrapped(`${sign} ${because}.`, width, "  ")}\n`,
  ].join("");
}

/** Of the size to choose, and of the sentence that says why. */
const sign = "◀";

function row(estimate: QuotedEstimate, best: boolean): string[] {
  const { place, asked, workers, wall, assumptions: model } = estimate;
  return [
    place,
    workers < asked ? `${workers} of ${asked}` : String(asked),
    String(model.slots),
    between(took(wall.p50), took(wall.p95)),
    `${costOf(estimate)}${best ? `  ${sign}` : ""}`,
  ];
}

function costOf({ cost: { total }, unknown }: QuotedEstimate): string {
  if (!total || unknown.includes("workers")) return "unknown";
  if (total.p95 === 0) return "free";
  const { currency } = total;
  const said = between(money({ amount: total.p50, currency }), money({ amount: total.p95, currency }));
  return `${said}${rangeOf(total)}`;
}

function rangeOf({ range, currency }: CostSpread): string {
  if (!range) return "";
  const [lowest, highest] = range.map((amount) => money({ amount, currency }));
  return ` (moves: ${lowest} to ${highest})`;
}

function between(least: string, most: string): string {
  return least === most ? least : `${least} – ${most}`;
}

function assumptions({ job, estimates }: Quote): string[] {
  const { seconds, tasks } = job;
  const spread: Spread = { p50: Math.min(...seconds), p95: Math.max(...seconds) };
  const tried = `${countOf(tasks, "task")} like the ${seconds.length} that ran here, alone, in ${between(took(spread.p50), took(spread.p95))} each`;
  const firsts = estimates.filter(({ place }, n) => estimates.findIndex((other) => other.place === place) === n);
  const crowded = estimates.some(({ assumptions: { slowdown } }) => slowdown > 1);
  return [
    tried,
    ...(firsts.length > 1 ? ["processors elsewhere are as quick as those here"] : []),
    ...(crowded ? ["slots beyond the processors of this machine share them"] : []),
    ...firsts.map(placeLine),
    ...storeLines(firsts[0]),
    ...firsts.filter(({ unknown }) => unknown.length > 0).map(unknownLine),
  ];
}

function placeLine({ place, assumptions: { rate, startup, minimumBilling } }: QuotedEstimate): string {
  const price = rate
    ? `${money(rate)} per worker and hour (${sourceOf(rate)})`
    : "a price per worker that nobody knows";
  const billed = minimumBilling > 0 ? `, billed for ${took(minimumBilling)} at least` : "";
  return `${place}: ${rate?.amount === 0 ? `free (${sourceOf(rate)})` : price}, ${took(startup)} to start${billed}`;
}

function storeLines(estimate: QuotedEstimate | undefined): string[] {
  const rates = estimate?.assumptions.storeRates?.requests;
  if (!estimate || !rates || rates.create.amount === 0) return [];
  const { create, get } = rates;
  const price = ({ amount, currency }: Rate) => money({ amount: amount * 1000, currency });
  return [
    `the store: ${price(create)} per 1,000 creates and ${price(get)} per 1,000 reads (${sourceOf(create)}), and ${estimate.assumptions.kept} days of storage`,
  ];
}

function unknownLine({ place, unknown }: QuotedEstimate): string {
  return `${place}: nobody knows what ${unknown.join(", ")} cost; the sum is without`;
}

function sourceOf({ source, region, date }: Rate): string {
  return [source, region, date].filter((part) => part !== undefined).join(", ");
}

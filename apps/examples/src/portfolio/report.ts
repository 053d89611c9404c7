import { fan } from "./fan.ts";
import type { Market } from "./market.ts";
import type { Path } from "./path.ts";
import { assess, INVESTED, LEVELS } from "./risk.ts";

/** What a person wants to read of the paths. */
export function report(market: Market, paths: readonly Path[]): string {
  const risk = assess(paths);
  const terminal = risk.quarters.at(-1) ?? [];
  return [
    `Estimated from ${market.months} monthly returns, per year:`,
    "",
    "        drift   volatility",
    ...market.symbols.map((symbol, i) => {
      const volatility = Math.sqrt(market.covariance[i]?.[i] ?? Number.NaN);
      return symbol.padEnd(6) + percent(market.drift[i] ?? Number.NaN).padStart(7) + percent(volatility).padStart(13);
    }),
    "",
    `${dollars(INVESTED)} in equal shares of them, ${paths.length.toLocaleString("en")} paths, day by day:`,
    fan(risk),
    "",
    `Worth at the end     ${LEVELS.map((level, i) => `${100 * level} %: ${dollars(terminal[i] ?? Number.NaN)}`).join("   ")}`,
    `Value at risk, 1 y   95 %: ${dollars(risk.valueAtRisk95)}   99 %: ${dollars(risk.valueAtRisk99)}`,
    `Deepest fall         ${percent(risk.drawdown)} or more on half of the paths`,
  ].join("\n");
}

function dollars(amount: number): string {
  return `$${Math.round(amount).toLocaleString("en")}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

import { plot, type Color, type SingleLine } from "simple-ascii-chart";
import { INVESTED, LEVELS, type Risk } from "./risk.ts";

/** A terminal plot of how wide the paths spread with the years: one line per level, each doubling equally high. */
export function fan(risk: Risk): string {
  const rows = [LEVELS.map(() => INVESTED), ...risk.quarters];
  const lines = LEVELS.map((_, level) =>
    rows.map((row, quarter): SingleLine[number] => [quarter / 4, Math.log2(row[level] as number)]),
  );
  return plot(lines, {
    title: `Worth over the years: what ${LEVELS.map((level) => 100 * level).join(", ")} % of the paths stay below`,
    width: 72,
    height: 20,
    customXAxisTicks: rows.flatMap((_, quarter) => (quarter % 4 === 0 ? [quarter / 4] : [])),
    customYAxisTicks: [INVESTED / 2, INVESTED, 2 * INVESTED, 4 * INVESTED].map(Math.log2),
    formatter: (value, { axis }) => (axis === "y" ? `$${Math.round(2 ** value / 1000)}k` : value),
    ...(process.stdout.isTTY && process.stdout.hasColors() ? { color: [...COLORS] } : {}),
  }).trimEnd();
}

const COLORS: readonly Color[] = ["ansiBlue", "ansiCyan", "ansiGreen", "ansiCyan", "ansiBlue"];

import type { Answer, Row, Unit } from "./figure.ts";
import { isMet, summary } from "./summary.ts";

/** Aligned columns under a head, each answer with its title above its rows. */
export function table(answers: readonly Answer[], judged: boolean): string {
  const head = ["figure", "median", "min … max", "required", "met"];
  const rows = answers.map(({ rows }) => rows.map((row) => columns(row, judged)));
  const widths = head.map((_, n) => Math.max(...[head, ...rows.flat()].map((row) => row[n]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, n) => pad(cell, n, widths[n] ?? 0))
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const sections = answers.map(({ title }, n) => [title, ...(rows[n] ?? []).map(line)].join("\n"));
  return `${[line(head), rule].join("\n")}\n${sections.join("\n\n")}\n`;
}

function columns(row: Row, judged: boolean): string[] {
  const { label, unit, values, bound, skipped } = row;
  const found = summary(values);
  const required = bound ? `${bound.kind === "at least" ? "≥" : "≤"} ${amount(bound.value, unit)}` : "";
  if (!found) return [`  ${label}`, "skipped", skipped ?? "", required, ""];
  const spread = values.length > 1 ? `${digits(found.minimum)} … ${digits(found.maximum)}` : "";
  const met = judged ? isMet(row) : undefined;
  return [`  ${label}`, amount(found.median, unit), spread, required, met === undefined ? "" : met ? "yes" : "NO"];
}

function pad(cell: string, column: number, width: number): string {
  return column === 1 ? cell.padStart(width) : cell.padEnd(width);
}

function amount(value: number, unit: Unit): string {
  return unit === "/s" ? `${digits(value)}/s` : `${digits(value)} ${unit}`;
}

/** Three that count, as far as they stand behind the point. */
function digits(value: number): string {
  if (value === 0) return "0";
  const behind = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en", { maximumFractionDigits: Math.min(behind, 6) });
}

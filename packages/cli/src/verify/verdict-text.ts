import { countOf } from "../output/count-of.ts";
import { wrapped } from "../output/wrapped.ts";
import type { Verdict, Verified } from "./verify-one.ts";

/** Columns of the table. Rows are shown one by one, so that the width of a column is fixed. */
const columns = [
  { title: "JOB", width: 9, right: false },
  { title: "STATE", width: 7, right: false },
  { title: "SECONDS", width: 7, right: true },
  { title: "LINES", width: 7, right: true },
  { title: "LEAKED", width: 6, right: true },
] as const;

export const verdictHeading = row(columns.map(({ title }) => title));

export function verdictRow(verdict: Verdict): string {
  if (verdict.state === "skipped") return row([verdict.name, "skipped", "", "", ""]);
  const { name, state, seconds, lines, leaked } = verdict;
  const amount = lines.toLocaleString("en-US");
  return row([name, state === "failed" ? "FAILED" : state, seconds.toFixed(1), amount, leaked?.toString() ?? "?"]);
}

/** What has to be said of the jobs that did not pass, and how many did. */
export function verdictsText(verdicts: readonly Verdict[]): string {
  const failed = verdicts.flatMap((verdict) => (verdict.state === "failed" ? [failedText(verdict)] : []));
  const skipped = verdicts.filter((verdict) => verdict.state === "skipped");
  const reasons = [...new Set(skipped.map(({ because }) => because))].map((because) => {
    const names = skipped.filter((verdict) => verdict.because === because).map(({ name }) => name);
    return `${wrapped(`${names.join(", ")}: skipped, since ${because}.`, lineWidth, "  ")}\n`;
  });
  const counts = (["passed", "failed", "skipped"] as const)
    .map((state) => ({ state, count: verdicts.filter((verdict) => verdict.state === state).length }))
    .filter(({ state, count }) => state === "passed" || count > 0)
    .map(({ state, count }, n) => `${n === 0 ? countOf(count, "job") : count} ${state}`);
  return `${[...failed, ...reasons].map((text) => `\n${text}`).join("")}\n${counts.join(", ")}.\n`;
}

function failedText({ name, what, checks, command, session, said, failures = [], nothingRan }: Verified): string {
  const failed = checks.filter(({ passed }) => !passed);
  const short = failed.flatMap(({ name: check, expected, found }) => [
    `  ${check}`,
    `    expected  ${expected}`,
    `    found     ${found}`,
  ]);
  const lines = [
    // Of what never began, each check says the same.
    ...(nothingRan
      ? [`${name}: no worker came to work.`]
      : [`${name}: ${what}. It fell short in ${failed.length} of ${checks.length}:`, ...short]),
    ...(said === undefined ? [] : ["  it said", ...said.split("\n").map((line) => `    ${line}`)]),
    ...failures.map((failure) => `  ${failure}`),
    "  command",
    `    ${command}`,
    ...(session === undefined ? [] : [`  its session is kept: skyburst status ${session}, skyburst events ${session}`]),
  ];
  return `${lines.join("\n")}\n`;
}

const lineWidth = 120;

function row(cells: readonly string[]): string {
  const padded = columns.map(({ width, right }, n) => {
    const cell = cells[n] ?? "";
    return right ? cell.padStart(width) : cell.padEnd(width);
  });
  return `${padded.join("  ").trimEnd()}\n`;
}

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
  return row([name, state === "failed" ? "FAILED" : state, seconds.toFixed(1), amount, String(leaked)]);
}

/** What has to be said of the jobs that did not pass, and how many did. */
export function verdictsText(verdicts: readonly Verdict[]): string {
  const paragraphs = verdicts.flatMap((verdict) => {
    if (verdict.state === "passed") return [];
    if (verdict.state !== "skipped") return [failedText(verdict)];
    return [`${wrapped(`${verdict.name}: skipped, since ${verdict.because}`, lineWidth, "  ")}\n`];
  });
  const counts = (["passed", "failed", "skipped"] as const)
    .map((state) => ({ state, count: verdicts.filter((verdict) => verdict.state === state).length }))
    .filter(({ state, count }) => state === "passed" || count > 0)
    .map(({ state, count }, n) => `${n === 0 ? countOf(count, "job") : count} ${state}`);
  return `${paragraphs.map((text) => `\n${text}`).join("")}\n${counts.join(", ")}.\n`;
}

function failedText({ name, what, checks, command, session, said = "" }: Verified): string {
  const failed = checks.filter(({ passed }) => !passed);
  return [
    `${name}: ${what}. It fell short in ${failed.length} of ${checks.length}:`,
    ...failed.flatMap(({ name: check, expected, found }) => [
      `  ${check}`,
      `    expected  ${expected}`,
      `    found     ${found}`,
    ]),
    ...(said === "" ? [] : ["  it said", ...said.split("\n").map((line) => `    ${line}`)]),
    `  command`,
    `    ${command}`,
    ...(session === undefined ? [] : [`  its session is kept: skyburst status ${session}, skyburst events ${session}`]),
    "",
  ].join("\n");
}

const lineWidth = 120;

function row(cells: readonly string[]): string {
  const padded = columns.map(({ width, right }, n) => {
    const cell = cells[n] ?? "";
    return right ? cell.padStart(width) : cell.padEnd(width);
  });
  return `${padded.join("  ").trimEnd()}\n`;
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Measured } from "./figure.ts";
import type { Machine } from "./machine.ts";
import { isMet, summary } from "./summary.ts";

export interface Report {
  readonly began: string;
  readonly seconds: number;
  readonly quick: boolean;
  readonly repeat: number;
  readonly machine: Machine;
  readonly answers: readonly Measured[];
}

/** Everything that was measured, as one JSON file. */
export function writeReport(file: string, report: Report): void {
  mkdirSync(dirname(file), { recursive: true });
  const answers = report.answers.map(({ rows, ...answer }) => ({
    ...answer,
    rows: rows.map((row) => ({ ...row, ...summary(row.values), met: report.quick ? undefined : isMet(row) })),
  }));
  writeFileSync(file, `${JSON.stringify({ ...report, answers }, undefined, 2)}\n`);
}

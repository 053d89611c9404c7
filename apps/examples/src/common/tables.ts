import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** Text of a file of the package vega-datasets, as `stocks.csv`. */
export function readText(name: string): string {
  // The package exports its entry point alone; its tables lie beside it.
  return readFileSync(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")), "utf8");
}

/** Rows of CSV text with a header line: one object each, every value a string. */
export function parseRows<Column extends string>(csv: string, columns: readonly Column[]): Record<Column, string>[] {
  const rows = parse<Record<string, string>>(csv, { columns: true });
  const missing = columns.filter((column) => rows[0]?.[column] === undefined);
  if (missing.length > 0) throw new Error(`The table has no column ${missing.join(", ")}.`);
  return rows;
}

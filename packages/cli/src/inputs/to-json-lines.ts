import { CliError } from "../errors.ts";
import type { InputFormat } from "./input-format.ts";

export interface Conversion {
  readonly format: InputFormat;
  readonly label: string;
  /** CSV only: numbers, booleans and null instead of text that looks so. */
  readonly types: boolean;
}

/** Pieces of whole lines of any format, as pieces of whole lines of JSON. */
export function toJsonLines(
  pieces: AsyncIterable<Buffer>,
  { format, label, types }: Conversion,
): AsyncIterable<Buffer> {
  switch (format) {
    case "jsonl":
      return pieces;
    case "txt":
      return textLines(pieces);
    case "json":
      return arrayLines(pieces, label);
    case "csv":
      return rowLines(pieces, label, types);
  }
}

/** Each line is a string, empty ones as well. */
async function* textLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    const lines = piece.toString().slice(0, -1).split("\n");
    yield linesOf(lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line)));
  }
}

/** An array is parsed whole, which takes several times its size. */
const arrayLimit = 64 * 1024 * 1024;
const linesAtATime = 1000;

async function* arrayLines(pieces: AsyncIterable<Buffer>, label: string): AsyncGenerator<Buffer> {
  const read: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    read.push(Buffer.from(piece));
    if ((size += piece.length) > arrayLimit)
      throw new CliError(
        "usage",
        `${label} is larger than 64 MB. Write one value per line (jq -c '.[]') and name it .jsonl.`,
      );
  }
  const values = parseArray(Buffer.concat(read).toString(), label);
  for (let at = 0; at < values.length; at += linesAtATime) yield linesOf(values.slice(at, at + linesAtATime));
}

function parseArray(text: string, label: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CliError("usage", `${label} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  if (Array.isArray(value)) return value;
  throw new CliError(
    "usage",
    `${label} holds ${value === null ? "null" : `a JSON ${typeof value}`}. It has to be an array, of which each element is an input.`,
  );
}

async function* rowLines(pieces: AsyncIterable<Buffer>, label: string, types: boolean): AsyncGenerator<Buffer> {
  const { readRows } = await import("./csv.ts");
  for await (const rows of readRows(pieces, label, types)) yield linesOf(rows);
}

function linesOf(values: readonly unknown[]): Buffer {
  return Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

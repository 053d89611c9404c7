import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { CliError } from "../errors.ts";

type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

const mostAtOnce = 1000;

/** Rows of a CSV as objects by its header, in batches of what has arrived. */
export async function* readRows(pieces: AsyncIterable<Buffer>, label: string, types: boolean): AsyncGenerator<Row[]> {
  const parser = parse({
    columns: true,
    bom: true,
    skip_empty_lines: true,
    cast: types ? (text, { header }) => (header ? text : typed(text)) : false,
  });
  const source = Readable.from(owned(pieces), { objectMode: false });
  source.on("error", (error) => parser.destroy(error)).pipe(parser);
  let rows: Row[] = [];
  try {
    for await (const row of parser as AsyncIterable<Row>) {
      rows.push(row);
      if (rows.length < mostAtOnce && parser.readableLength > 0) continue;
      yield rows;
      rows = [];
    }
  } catch (cause) {
    if (!isCsvError(cause)) throw cause;
    throw new CliError("usage", `${label}: ${cause.message}.`, { cause });
  } finally {
    source.destroy();
  }
  if (rows.length > 0) yield rows;
}

/** The stream reads ahead of the parser, and the memory of a piece is used again. */
async function* owned(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

/** What is written as JSON would write it, and an empty field as null. */
function typed(text: string): Value {
  if (text === "" || text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}

function isCsvError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("CSV_");
}

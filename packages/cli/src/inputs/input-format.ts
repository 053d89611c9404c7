import { statSync } from "node:fs";
import { extname } from "node:path";
import { CliError } from "../errors.ts";

export const inputFormats = ["jsonl", "json", "csv", "txt"] as const;
export type InputFormat = (typeof inputFormats)[number];

/** Inputs as the command line names them. */
export interface InputSource {
  /** Path of a file; undefined for stdin. */
  readonly path: string | undefined;
  readonly format: InputFormat;
  /** What messages call it. */
  readonly label: string;
  /** Nothing is in it. */
  readonly empty: boolean;
  /** All of it can be read before anything runs. */
  readonly regular: boolean;
}

/**
 * @param otherwise The format of what has no telling name; undefined: it has to be given.
 * @throws {CliError} when the file can't be read, or its format isn't known.
 */
export function inputSource(
  name: string,
  given: InputFormat | undefined,
  stdin: InputFormat,
  otherwise?: InputFormat,
): InputSource {
  if (name === "-") return { path: undefined, format: given ?? stdin, label: "stdin", empty: false, regular: false };
  const stats = statSync(name, { throwIfNoEntry: false });
  if (!stats) throw new CliError("usage", `${name}: there is no such file.`);
  if (stats.isDirectory()) throw new CliError("usage", `${name} is a directory. Name a file of inputs.`);
  const format = given ?? byExtension.get(extname(name).toLowerCase()) ?? otherwise;
  if (!format)
    throw new CliError(
      "usage",
      `${name}: its name does not tell what it holds. Give --input-format ${inputFormats.join(", ")}.`,
    );
  return { path: name, format, label: name, empty: stats.isFile() && stats.size === 0, regular: stats.isFile() };
}

const byExtension: ReadonlyMap<string, InputFormat> = new Map([
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".json", "json"],
  [".csv", "csv"],
  [".txt", "txt"],
]);

import { CliError } from "../errors.ts";

/** Where inputs come from when no file is named. */
export function stdinUnlessTerminal(): string {
  if (process.stdin.isTTY)
    throw new CliError("usage", "name a file of inputs (.jsonl, .json, .csv, .txt), or - for stdin.");
  return "-";
}

import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { OutcomeLines } from "@skyburst/core";
import { CliError } from "../errors.ts";
import { inputSource } from "../inputs/input-format.ts";
import type { InputFormat } from "../inputs/input-format.ts";
import { printOutcomes } from "../output/print-outcomes.ts";
import { composeStack } from "../stack.ts";
import type { JobFlags } from "../stack.ts";
import { stream } from "./stream.ts";

export interface MapFlags extends JobFlags {
  readonly inputFormat?: InputFormat;
  readonly types?: boolean;
  readonly unordered?: boolean;
}

/** One call of a module's function per input; one outcome line per call. */
export async function map(task: string, inputs: string | undefined, flags: MapFlags): Promise<number> {
  const source = { kind: "module" as const, ...taskNamed(task) };
  const input = inputSource(inputs ?? stdinUnlessTerminal(), flags.inputFormat, "jsonl");
  const stack = await composeStack(flags);
  const print = (lines: OutcomeLines) => printOutcomes(stack.store, lines);
  return stream({
    stack,
    flags,
    source,
    input,
    what: "tasks",
    ordered: !flags.unordered,
    types: flags.types === true,
    print: () => print,
  });
}

function taskNamed(task: string): { readonly url: string; readonly export: string } {
  const at = task.lastIndexOf("#");
  const file = at < 0 ? task : task.slice(0, at);
  const name = at < 0 ? "" : task.slice(at + 1);
  if (name === "")
    throw new CliError("usage", `${task}: name the function as FILE#EXPORT, for example ${file}#default.`);
  if (!existsSync(file)) throw new CliError("usage", `${file}: there is no such file.`);
  return { url: pathToFileURL(file).href, export: name };
}

function stdinUnlessTerminal(): string {
  if (process.stdin.isTTY)
    throw new CliError("usage", "name a file of inputs (.jsonl, .json, .csv, .txt), or - for stdin.");
  return "-";
}

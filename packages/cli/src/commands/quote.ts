import { resolve } from "node:path";
import { quoteJob } from "@skyburst/core";
import type { Quote, TaskSource } from "@skyburst/core";
import { environmentOf } from "../environment.ts";
import { CliError } from "../errors.ts";
import { jsonLines } from "../inputs/input-feed.ts";
import { inputSource } from "../inputs/input-format.ts";
import type { InputFormat, InputSource } from "../inputs/input-format.ts";
import { stdinUnlessTerminal } from "../inputs/stdin-unless-terminal.ts";
import { interruption } from "../interrupt.ts";
import { countOf } from "../output/count-of.ts";
import { writeTo } from "../output/stream-output.ts";
import { tell } from "../output/tell.ts";
import { placesOf } from "../quote/places.ts";
import { quoteText } from "../quote/quote-text.ts";
import { sample } from "../quote/sample.ts";
import type { Sample } from "../quote/sample.ts";
import { tryInputs } from "../quote/trial.ts";
import type { Trial } from "../quote/trial.ts";
import { readSecrets } from "../secrets.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";
import { taskNamed } from "../task-named.ts";

export interface QuoteFlags extends Omit<FleetFlags, "workers"> {
  readonly workers?: readonly number[];
  readonly sample?: number;
  readonly timeout?: number;
  readonly inputFormat?: InputFormat;
  readonly types?: boolean;
  readonly cwd?: string;
  readonly env?: readonly string[];
}

const usual = { sample: 5, workers: [10, 50, 200] } as const;

/** Tries some inputs here, and tells what all of them would take and cost: here, and on each backend that is configured. */
export async function quote(task: string | undefined, inputs: string | undefined, flags: QuoteFlags): Promise<number> {
  const source: TaskSource = { kind: "module", ...taskNamed(task ?? ""), env: environmentOf(flags.env) };
  return quoteFor(source, inputSource(inputs ?? stdinUnlessTerminal(), flags.inputFormat, "jsonl"), flags);
}

/** The same of a command for every input. */
export async function quoteCommand(inputs: string, argv: readonly string[], flags: QuoteFlags): Promise<number> {
  const source: TaskSource = {
    kind: "command",
    name: argv[0] ?? "",
    argv,
    substitute: true,
    cwd: resolve(flags.cwd ?? "."),
    env: environmentOf(flags.env),
  };
  return quoteFor(source, inputSource(inputs, flags.inputFormat, "txt", "txt"), flags);
}

async function quoteFor(source: TaskSource, input: InputSource, flags: QuoteFlags): Promise<number> {
  const { workers: sizes = usual.workers, ...rest } = flags;
  const stack = await composeStack(rest);
  // Refused here as when the job is run.
  environmentOf(flags.env, stack.secrets);
  const taken = await sample(jsonLines(input, flags.types === true), flags.sample ?? usual.sample);
  if (taken.total === 0) throw new CliError("usage", `${input.label} holds no input: there is nothing to quote.`);
  if (process.stderr.isTTY)
    await tell(`trying ${taken.lines.length} of ${countOf(taken.total, "input")} here; they run in earnest`);
  const trial = await tryInputs(source, taken.lines, {
    label: `the sample of ${input.label}`,
    timeout: stack.timeout,
    secrets: readSecrets(stack.secrets),
    signal: interruption(),
  });
  await tellFailures(trial, taken);
  const places = placesOf(stack, { sizes, named: flags.backend });
  const bytes = { input: taken.bytes / taken.total, output: trial.outcomeBytes };
  const quoted = await quoteJob({ tasks: taken.total, seconds: trial.seconds, bytes }, places);
  await print(quoted, places.length, flags);
  return 0;
}

/** @throws {CliError} `input` when there is no time to go by. */
async function tellFailures({ seconds, failures }: Trial, { lines }: Sample): Promise<void> {
  const [first] = failures;
  if (first === undefined) return;
  const said = `${failures.length} of the ${countOf(lines.length, "input")} that were tried failed: ${first.split("\n", 1)[0]}`;
  if (seconds.length === 0) throw new CliError("input", said);
  await tell(`${said.replace(/\.?$/, ".")} The quote goes by the others.`);
}

/** Of a line: a terminal's; who reads lines by a program gets them whole. */
function width(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

async function print(quoted: Quote, places: number, { json }: QuoteFlags): Promise<void> {
  await writeTo(process.stdout, json ? `${JSON.stringify(quoted)}\n` : quoteText(quoted, places, width()));
}

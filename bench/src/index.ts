import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { conditions, describeConditions } from "./conditions.ts";
import type { Bench, Figure, Measured } from "./figure.ts";
import { figuresNamed } from "./figures.ts";
import { describe, prepareMachine } from "./machine.ts";
import { parseOptions, usage } from "./options.ts";
import type { Options } from "./options.ts";
import { Places } from "./places.ts";
import { writeReport } from "./report.ts";
import { table } from "./table.ts";

try {
  // Where the user stands: the package manager has moved on.
  const options = parseOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
  if (options.help) console.log(usage);
  else process.exitCode = await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main({ quick, repeat, only, json, skyburst, keep }: Options): Promise<number> {
  const figures = figuresNamed(only);
  const results = fileURLToPath(new URL("../results", import.meta.url));
  const began = new Date().toISOString();
  const start = performance.now();
  const machine = prepareMachine();
  console.log(`${describe(machine)}\n`);
  const places = new Places(results);
  process.once("SIGINT", () => {
    places.delete();
    process.exit(130);
  });
  let answers: Measured[];
  try {
    const size = (full: number, tiny: number) => (quick ? tiny : full);
    answers = await measureAll(figures, { quick, repeat, places, size, skyburst: skyburst ?? command() });
  } finally {
    if (!keep) places.delete();
  }
  const file = json ?? join(results, `${began.replaceAll(":", "-")}.json`);
  const seconds = (performance.now() - start) / 1000;
  writeReport(file, { began, seconds, quick, repeat, machine, answers });
  console.log(table(answers, !quick));
  if (quick) console.log("These are the tiny sizes of --quick: all results are right, and the numbers mean nothing.");
  console.log(describeConditions(answers.map((answer) => answer.conditions)));
  console.log(`It took ${seconds.toFixed(0)} s. The numbers are in ${file}`);
  return complete(answers) ? 0 : 1;
}

async function measureAll(figures: readonly Figure[], bench: Bench): Promise<Measured[]> {
  const answers: Measured[] = [];
  for (const figure of figures) {
    const before = conditions(bench.places);
    process.stderr.write(`${figure.name} …\n`);
    answers.push({ name: figure.name, conditions: before, ...(await figure.measure(bench)) });
  }
  return answers;
}

/** In CI nothing may be skipped: what is missing there is to be installed. */
function complete(answers: readonly Measured[]): boolean {
  const skipped = answers.flatMap(({ rows }) => rows.flatMap((row) => row.skipped ?? []));
  if (skipped.length === 0 || process.env.CI !== "true") return true;
  console.error(`Not everything was measured: ${[...new Set(skipped)].join(", ")}.`);
  return false;
}

/** The command's program, beside its package's main module. */
function command(): string {
  const main = fileURLToPath(import.meta.resolve("skyburst"));
  return join(dirname(realpathSync(main)), "bin.cjs");
}

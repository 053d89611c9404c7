import { realpathSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answer, Bench } from "./figure.ts";
import { figuresNamed } from "./figures.ts";
import { describe, prepareMachine } from "./machine.ts";
import { parseOptions, usage } from "./options.ts";
import type { Options } from "./options.ts";
import { Places } from "./places.ts";
import { writeReport } from "./report.ts";
import { table } from "./table.ts";

// Where the user stands: the package manager has moved on.
const options = parseOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
if (options.help) console.log(usage);
else await main(options);

async function main({ quick, repeat, only, json, skyburst }: Options): Promise<void> {
  const figures = figuresNamed(only);
  const results = fileURLToPath(new URL("../results", import.meta.url));
  const began = new Date().toISOString();
  const start = performance.now();
  const machine = prepareMachine();
  const places = new Places(results);
  process.once("SIGINT", () => {
    places.delete();
    process.exit(130);
  });
  const bench: Bench = {
    quick,
    repeat,
    places,
    skyburst: skyburst ?? command(),
    size: (full, tiny) => (quick ? tiny : full),
  };
  console.log(`${describe(machine)}\n`);
  const answers: Answer[] = [];
  try {
    for (const figure of figures) {
      process.stderr.write(`${figure.name} (load ${loadavg()[0]?.toFixed(1)})\n`);
      answers.push(await figure.measure(bench));
    }
  } finally {
    places.delete();
  }
  const file = json ?? join(results, `${began.replaceAll(":", "-")}.json`);
  const seconds = (performance.now() - start) / 1000;
  writeReport(file, { began, seconds, quick, repeat, machine, answers });
  console.log(table(answers, !quick));
  if (quick) console.log("These are the tiny sizes of --quick: all results are right, and the numbers mean nothing.");
  console.log(`${seconds.toFixed(0)} s; the numbers are in ${file}`);
  if (process.env.CI === "true" && answers.some(({ rows }) => rows.some(({ skipped }) => skipped !== undefined))) {
    console.error("In CI nothing may be skipped: install what is missing.");
    process.exitCode = 1;
  }
}

/** The command's program as its package names it. */
function command(): string {
  const main = fileURLToPath(import.meta.resolve("skyburst"));
  return join(dirname(realpathSync(main)), "bin.js");
}

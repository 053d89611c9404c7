import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { alternate } from "../alternate.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure } from "../figure.ts";
import { numbers } from "../inputs.ts";
import type { Inputs } from "../inputs.ts";
import { mapBySkyburst } from "../maps.ts";
import { program } from "../program.ts";

/** How soon all inputs of a large map are submitted, and the most memory that the client held in the course of it. */
export const submit: Figure = {
  name: "submit",
  async measure(bench) {
    const count = bench.size(1_000_000, 4000);
    const inputs = numbers(bench.places.next("inputs"), count);
    const memory: number[] = [];
    const { seconds } = await alternate(bench.repeat, {
      seconds: async () => {
        const { submitted, peak } = await measureOne(bench, inputs);
        memory.push(peak / 1e6);
        return submitted;
      },
    });
    return {
      title: `Map of ${count.toLocaleString("en")} inputs by the command`,
      rows: [
        { label: "until all are submitted", unit: "s", values: seconds, bound: atMost(1.5) },
        { label: "memory of the client at its peak", unit: "MB", values: memory, bound: atMost(120) },
      ],
    };
  },
};

async function measureOne(bench: Bench, inputs: Inputs): Promise<{ submitted: number; peak: number }> {
  const report = join(bench.places.next("memory"), "bytes");
  const env = { NODE_OPTIONS: `--import=${program("memory")}`, BENCH_MEMORY: report };
  const { place, began } = await mapBySkyburst(bench, inputs, "same", inputs.lines, env);
  return { submitted: (endEntry(place) - began) / 1000, peak: Number(readFileSync(report, "utf8")) };
}

/** When the ledger entry was written that says that no more inputs come: milliseconds since the epoch. */
function endEntry(place: string): number {
  const [session = ""] = readdirSync(join(place, ".skyburst", "s"));
  const ledger = join(place, ".skyburst", "s", session, "manifest");
  const ends = readdirSync(ledger).filter((rev) => readFileSync(join(ledger, rev), "utf8").includes('"op":"end"'));
  const [rev] = ends;
  if (rev === undefined || ends.length > 1)
    throw new Error(`${ledger} holds ${ends.length} entries that end the inputs.`);
  return statSync(join(ledger, rev)).mtimeMs;
}

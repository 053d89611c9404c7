import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { alternate, ratios } from "../alternate.ts";
import { checkOutput } from "../check.ts";
import { atLeast, atMost } from "../figure.ts";
import type { Bench, Figure } from "../figure.ts";
import { numbers } from "../inputs.ts";
import type { Inputs } from "../inputs.ts";
import { mapBySkyburst } from "../maps.ts";
import { node, program, run } from "../program.ts";

/** How fast outcomes of a session that is over come out of a directory, and what memory that takes of who reads them. */
export const collect: Figure = {
  name: "collect",
  async measure(bench) {
    const sizes = { many: bench.size(1_000_000, 4000), few: bench.size(100_000, 2000) };
    const many = await session(bench, sizes.many);
    const few = await session(bench, sizes.few);
    const memory: { many: number[]; few: number[] } = { many: [], few: [] };
    const reading = (name: "many" | "few", from: Finished) => async () => {
      const { seconds, peak } = await collectOnce(bench, from);
      memory[name].push(peak / 1e6);
      return seconds;
    };
    const found = await alternate(bench.repeat, {
      many: reading("many", many),
      few: reading("few", few),
      decoded: () => decodeOnce(many),
    });
    const number = (count: number) => count.toLocaleString("en");
    return {
      title: `Collect of ${number(sizes.many)} small outcomes`,
      rows: [
        {
          label: "by the command, start-up included",
          unit: "/s",
          values: found.many.map((seconds) => sizes.many / seconds),
          bound: atLeast(200_000),
        },
        {
          label: "by the API, as values",
          unit: "/s",
          values: found.decoded.map((seconds) => sizes.many / seconds),
          bound: atLeast(200_000),
        },
        { label: "memory of the command at its peak", unit: "MB", values: memory.many },
        { label: `the same of ${number(sizes.few)}`, unit: "MB", values: memory.few },
        {
          label: "memory: times that of the smaller",
          unit: "×",
          values: ratios(memory.many, memory.few),
          bound: atMost(1.3),
        },
      ],
    };
  },
};

interface Finished {
  readonly place: string;
  readonly id: string;
  readonly inputs: Inputs;
}

async function session(bench: Bench, count: number): Promise<Finished> {
  const inputs = numbers(bench.places.next("inputs"), count);
  const { place } = await mapBySkyburst(bench, inputs, "same");
  const [id = ""] = readdirSync(join(place, ".skyburst", "s"));
  return { place, id, inputs };
}

async function collectOnce(bench: Bench, { place, id, inputs }: Finished): Promise<{ seconds: number; peak: number }> {
  const report = join(bench.places.next("memory"), "bytes");
  const env = { NODE_OPTIONS: `--import=${program("memory")}`, BENCH_MEMORY: report };
  const { seconds, stdout } = await run(node(bench.skyburst, "collect", id), { place, env });
  checkOutput(stdout, inputs.lines);
  return { seconds, peak: Number(readFileSync(report, "utf8")) };
}

async function decodeOnce({ place, id, inputs }: Finished): Promise<number> {
  const { stdout } = await run(node(program("collect"), id, String(inputs.lines.length)), { place });
  return Number(readFileSync(stdout, "utf8"));
}

import { readFileSync } from "node:fs";
import { alternate, ratios } from "../alternate.ts";
import { atLeast } from "../figure.ts";
import type { Bench, Figure } from "../figure.ts";
import { work } from "../inputs.ts";
import { mapBySkyburst } from "../maps.ts";
import { node, program, run } from "../program.ts";
import { spin } from "../tasks.ts";

/**
 * Tasks of 10 ms: the share of two cores that goes into the tasks themselves. Beside it two plain loops do the same work
 * with nothing around it, so the time that they take is that of cores which are busy all the time.
 */
export const busyCores: Figure = {
  name: "busy-cores",
  async measure(bench) {
    const rounds = tenMilliseconds();
    const count = bench.size(2000, 40);
    const inputs = work(bench.places.next("inputs"), count, rounds);
    const expected = inputs.lines.map((line) => String(spin(JSON.parse(line) as Parameters<typeof spin>[0])));
    const { skyburst, loops } = await alternate(bench.repeat, {
      skyburst: async () => (await mapBySkyburst(bench, inputs, "spin", expected)).seconds,
      loops: () => bothLoops(bench, inputs.file, expected),
    });
    return {
      title: `${count.toLocaleString("en")} tasks of 10 ms on two cores`,
      rows: [
        { label: "skyburst", unit: "s", values: skyburst },
        { label: "two plain loops", unit: "s", values: loops },
        { label: "busy with tasks", unit: "of the cores", values: ratios(loops, skyburst), bound: atLeast(0.97) },
      ],
    };
  },
};

async function bothLoops(bench: Bench, file: string, expected: readonly string[]): Promise<number> {
  const start = performance.now();
  const loops = await Promise.all(
    ["0", "1"].map((first) => run(node(program("loop"), file, first), { place: bench.places.next("loop") })),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const [first, { stdout }] of loops.entries()) {
    const values = readFileSync(stdout, "utf8").split("\n").slice(0, -1);
    const wanted = expected.filter((_, index) => index % 2 === first);
    if (values.join() !== wanted.join()) throw new Error(`${stdout} does not hold the values of the tasks.`);
  }
  return seconds;
}

/** Rounds of `spin` that take 10 ms on this machine, once it is compiled. */
function tenMilliseconds(): number {
  const rounds = 2_000_000;
  const speeds = Array.from({ length: 50 }, (_, seed) => {
    const start = performance.now();
    spin({ seed, rounds });
    return rounds / (performance.now() - start);
  });
  return Math.round(10 * Math.max(...speeds));
}

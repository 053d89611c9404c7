import { alternate, ratios } from "../alternate.ts";
import { atLeast } from "../figure.ts";
import type { Answer, Bench, Figure, Row } from "../figure.ts";
import { numbers, objects } from "../inputs.ts";
import type { Inputs } from "../inputs.ts";
import { contestants } from "../maps.ts";

/** Tasks that do nothing: what remains is what running a task costs. Start-up included, on both sides. */
export const noopMaps: readonly Figure[] = [
  {
    name: "map-200k",
    measure: (bench) => compare(bench, numbers, bench.size(200_000, 2000), "inputs", { default: 12, tuned: 6 }),
  },
  {
    name: "map-1m",
    measure: (bench) => compare(bench, numbers, bench.size(1_000_000, 4000), "inputs", { default: 30, tuned: 14 }),
  },
  {
    name: "map-objects",
    measure: (bench) =>
      compare(bench, objects, bench.size(200_000, 2000), "objects of 300 bytes in and out", { tuned: 3 }),
  },
];

async function compare(
  bench: Bench,
  make: (place: string, count: number) => Inputs,
  count: number,
  what: string,
  least: { readonly default?: number; readonly tuned: number },
): Promise<Answer> {
  const inputs = make(bench.places.next("inputs"), count);
  const { skyburst, ...others } = await alternate(bench.repeat, contestants(bench, inputs));
  const seconds = (label: string, values: readonly number[]): Row => ({ label, unit: "s", values });
  const times = (name: string, values: readonly number[], bound?: number): Row => ({
    label: `times as fast as ${name}`,
    unit: "×",
    values: ratios(values, skyburst),
    bound: bound === undefined ? undefined : atLeast(bound),
  });
  const rows = [
    seconds("skyburst, durable", skyburst),
    seconds("Piscina, default", others.default),
    seconds("Piscina, tuned", others.tuned),
    seconds("Piscina, batched by hand", others.batched),
    times("Piscina, default", others.default, least.default),
    times("Piscina, tuned", others.tuned, least.tuned),
    times("Piscina, batched by hand", others.batched),
  ];
  return { title: `No-op map by the command, ${count.toLocaleString("en")} ${what}, start-up included`, rows };
}

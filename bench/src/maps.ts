import type { Bench } from "./figure.ts";
import { checkOutput, checkStore } from "./check.ts";
import type { Inputs } from "./inputs.ts";
import { node, program, run, taskOf } from "./program.ts";
import type { Run } from "./program.ts";

/** One map by the command, started as from a shell; its results are checked, in its output and in the store. */
export async function mapBySkyburst(
  bench: Bench,
  { file, lines }: Inputs,
  task: Parameters<typeof taskOf>[0],
  expected = lines,
  env: Record<string, string> = {},
): Promise<Run & { readonly place: string }> {
  const place = bench.places.next("skyburst");
  const argv = node(bench.skyburst, "map", taskOf(task), file, "--workers", "1", "--slots", "2", "--quiet");
  const done = await run(argv, { place, env });
  checkOutput(done.stdout, expected);
  await checkStore(place, expected.length);
  return { ...done, place };
}

type PiscinaMode = "default" | "tuned" | "batched";

/** The same by Piscina: a program that reads the same file and writes the same lines. It keeps nothing. */
async function mapByPiscina(bench: Bench, { file, lines }: Inputs, mode: PiscinaMode, expected = lines): Promise<Run> {
  const place = bench.places.next(`piscina-${mode}`);
  const done = await run(node(program("piscina"), mode, file), { place });
  checkOutput(done.stdout, expected);
  return done;
}

/** The four of them in turn: seconds of each, round by round. */
export function contestants(bench: Bench, inputs: Inputs) {
  const seconds = async (running: Promise<Run>) => (await running).seconds;
  return {
    skyburst: () => seconds(mapBySkyburst(bench, inputs, "same")),
    default: () => seconds(mapByPiscina(bench, inputs, "default")),
    tuned: () => seconds(mapByPiscina(bench, inputs, "tuned")),
    batched: () => seconds(mapByPiscina(bench, inputs, "batched")),
  };
}

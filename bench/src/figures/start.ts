import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alternate, ratios } from "../alternate.ts";
import { checkOutput, checkStore } from "../check.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { numbers } from "../inputs.ts";
import { environment, node, run, taskOf } from "../program.ts";

/** What a user waits for before anything happens, beside the start of an empty Node. */
export const start: Figure = {
  name: "start",
  async measure(bench) {
    const empty = async () => (await run([process.execPath, "-e", "0"], { place: bench.places.next("node") })).seconds;
    const contestants = { node: empty, version: () => version(bench), command: () => command(bench) };
    // Files that were just built are read from the disk once.
    if (!bench.quick) await alternate(1, contestants);
    const found = await alternate(bench.repeat * (bench.quick ? 1 : 4), contestants);
    const milliseconds = (values: readonly number[]) => values.map((seconds) => seconds * 1000);
    const rows: Row[] = [
      { label: "node -e 0", unit: "ms", values: milliseconds(found.node) },
      { label: "skyburst --version", unit: "ms", values: milliseconds(found.version) },
      { label: "--version: times node -e 0", unit: "×", values: ratios(found.version, found.node), bound: atMost(1.4) },
      { label: "skyburst run -- true", unit: "ms", values: milliseconds(found.command) },
      {
        label: "run -- true: times node -e 0",
        unit: "×",
        values: ratios(found.command, found.node),
        bound: atMost(3.5),
      },
    ];
    return { title: "Start", rows };
  },
};

async function version(bench: Bench): Promise<number> {
  const { seconds, stdout } = await run(node(bench.skyburst, "--version"), { place: bench.places.next("version") });
  if (!/^\d+\.\d+\.\d+\S*\n$/.test(readFileSync(stdout, "utf8"))) throw new Error(`${stdout} is not a version.`);
  return seconds;
}

async function command(bench: Bench): Promise<number> {
  const place = bench.places.next("run");
  const { seconds } = await run(node(bench.skyburst, "run", "--", "true"), { place });
  await checkStore(place, 1);
  return seconds;
}

/** From the start of the command until its first line is there: bundling, a worker, and the way back. */
export const firstOutcome: Figure = {
  name: "first-outcome",
  async measure(bench) {
    const count = 1000;
    const inputs = numbers(bench.places.next("inputs"), count);
    const first = async () => {
      const place = bench.places.next("first");
      const milliseconds = await untilFirstLine(bench, inputs.file, place, inputs.lines);
      await checkStore(place, count);
      return milliseconds;
    };
    if (!bench.quick) await first();
    const { map } = await alternate(bench.repeat * (bench.quick ? 1 : 4), { map: first });
    return {
      title: `Map of ${count.toLocaleString("en")} inputs by the command, bundling included`,
      rows: [{ label: "until its first line", unit: "ms", values: map, bound: atMost(250) }],
    };
  },
};

async function untilFirstLine(
  bench: Bench,
  inputs: string,
  place: string,
  expected: readonly string[],
): Promise<number> {
  const argv = node(bench.skyburst, "map", taskOf("same"), inputs, "--workers", "1", "--slots", "2", "--quiet");
  const begin = performance.now();
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { cwd: place, stdio: ["ignore", "pipe", "inherit"], env: environment() });
  let milliseconds: number | undefined;
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => {
    milliseconds ??= performance.now() - begin;
    pieces.push(piece);
  });
  const [code] = (await once(child, "close")) as [number | null];
  const output = join(place, "stdout");
  writeFileSync(output, Buffer.concat(pieces));
  checkOutput(output, expected);
  if (code !== 0 || milliseconds === undefined) throw new Error(`${argv.join(" ")} ended with ${code}.`);
  return milliseconds;
}

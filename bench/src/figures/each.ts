import { alternate, ratios } from "../alternate.ts";
import { checkStore } from "../check.ts";
import { atLeast } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { words } from "../inputs.ts";
import { installed } from "../installed.ts";
import { node, program, run } from "../program.ts";

/** Commands that end at once, two at a time, beside the tools that people use for it. */
export const each: Figure = {
  name: "each",
  async measure(bench) {
    const count = bench.size(5000, 50);
    const { file } = words(bench.places.next("inputs"), count);
    const large = { NODE_OPTIONS: `--import=${program("ballast")}` };
    const found = await alternate<string>(bench.repeat, {
      skyburst: () => bySkyburst(bench, file, count),
      large: () => bySkyburst(bench, file, count, large),
      ...byTool(bench, file, ["xargs", "-P2", "-I{}", "true", "{}"]),
      ...byTool(bench, file, ["parallel", "-j2", "true", "{}"]),
    });
    const rates = (label: string, name: string, bound?: number): Row => ({
      label,
      unit: "/s",
      values: (found[name] ?? []).map((seconds) => count / seconds),
      bound: bound === undefined ? undefined : atLeast(bound),
      skipped: found[name] ? undefined : `${name} is not installed`,
    });
    const rows: Row[] = [
      rates("skyburst", "skyburst", 1500),
      rates("skyburst, in a worker of 1 GiB", "large", 1500),
      rates("xargs -P2", "xargs"),
      rates("GNU parallel -j2", "parallel"),
      {
        label: "times as fast as GNU parallel",
        unit: "×",
        values: ratios(found.parallel ?? [], found.skyburst ?? []),
        bound: atLeast(5),
        skipped: found.parallel ? undefined : "parallel is not installed",
      },
    ];
    return { title: `${count.toLocaleString("en")} commands \`true\` on two slots`, rows };
  },
};

async function bySkyburst(
  bench: Bench,
  file: string,
  count: number,
  env: Record<string, string> = {},
): Promise<number> {
  const place = bench.places.next("skyburst");
  const options = ["--workers", "1", "--slots", "2", "--quiet"];
  const { seconds } = await run(node(bench.skyburst, "each", file, ...options, "--", "true", "{}"), { place, env });
  await checkStore(place, count);
  return seconds;
}

/** Nothing when the tool is not installed. */
function byTool(
  bench: Bench,
  stdin: string,
  argv: readonly [string, ...string[]],
): Record<string, () => Promise<number>> {
  const [name] = argv;
  if (!installed(name)) return {};
  return { [name]: async () => (await run(argv, { place: bench.places.next(name), stdin })).seconds };
}

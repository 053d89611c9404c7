import { alternate, ratios } from "../alternate.ts";
import { checkOutput, checkStore } from "../check.ts";
import { noDocker, printed, withDocker } from "../docker/engine.ts";
import type { DockerBench } from "../docker/engine.ts";
import { atLeast } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { numbers } from "../inputs.ts";
import { program, taskOf } from "../program.ts";
import type { WarmMap } from "../warm-maps.ts";

/** Functions that do nothing, in two containers, beside the same in two processes of this machine. */
export const dockerMap: Figure = {
  name: "docker-map",
  async measure(bench) {
    const count = bench.size(1_000_000, 2000);
    const skipped = await noDocker();
    const found = skipped === undefined ? await withDocker(bench, (docker) => inTurn(bench, docker, count)) : empty;
    const rates = Object.fromEntries(
      Object.entries(found).map(([name, all]) => [name, all.map((seconds) => count / seconds)]),
    ) as Record<keyof typeof empty, number[]>;
    const rows: Row[] = [
      { label: "in processes of this machine", unit: "/s", values: rates.local, skipped },
      { label: "in containers", unit: "/s", values: rates.docker, skipped },
      {
        label: "in containers: times the rate",
        unit: "×",
        values: ratios(rates.docker, rates.local),
        bound: atLeast(0.7),
        skipped,
      },
      { label: "by the command, start-up included, in processes", unit: "/s", values: rates.coldLocal, skipped },
      { label: "by the command, start-up included, in containers", unit: "/s", values: rates.coldDocker, skipped },
      {
        label: "start-up included: times the rate",
        unit: "×",
        values: ratios(rates.coldDocker, rates.coldLocal),
        skipped,
      },
    ];
    return { title: `${count.toLocaleString("en")} no-ops on two workers of one slot and a directory`, rows };
  },
};

const empty: Record<"local" | "docker" | "coldLocal" | "coldDocker", number[]> = {
  local: [],
  docker: [],
  coldLocal: [],
  coldDocker: [],
};

async function inTurn(bench: Bench, docker: DockerBench, count: number): Promise<typeof empty> {
  const inputs = numbers(bench.places.next("inputs"), count);
  const warm = async (image?: string) => {
    const place = bench.places.next("maps");
    const args = ["directory", String(count), "0", ...(image === undefined ? [] : [image])];
    const map = printed(await docker.program(place, program("maps"), ...args)) as WarmMap;
    await checkStore(place, map.tasks);
    return map.seconds;
  };
  const cold = async (...options: readonly string[]) => {
    const place = bench.places.next("map");
    const argv = ["map", taskOf("same"), inputs.file, "--workers", "2", "--slots", "1", "--quiet", ...options];
    const { seconds, stdout } = await docker.skyburst(place, ...argv);
    checkOutput(stdout, inputs.lines);
    await checkStore(place, count);
    return seconds;
  };
  const contestants = {
    local: () => warm(),
    docker: () => warm(docker.image),
    coldLocal: () => cold(),
    coldDocker: () => cold("--backend", "docker", "--image", docker.image),
  };
  if (!bench.quick) await alternate(1, contestants);
  return alternate(bench.repeat, contestants);
}

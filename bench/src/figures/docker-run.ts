import { alternate, ratios } from "../alternate.ts";
import { checkStore } from "../check.ts";
import { noDocker, withDocker } from "../docker/engine.ts";
import type { DockerBench } from "../docker/engine.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";

/** One command in a container, beside the docker command's own. */
export const dockerRun: Figure = {
  name: "docker-run",
  async measure(bench) {
    const skipped = await noDocker();
    const found = skipped === undefined ? await withDocker(bench, (docker) => inTurn(bench, docker)) : empty;
    const milliseconds = (values: readonly number[]) => values.map((seconds) => seconds * 1000);
    const rows: Row[] = [
      { label: "docker run --rm IMAGE true", unit: "ms", values: milliseconds(found.docker), skipped },
      { label: "skyburst run --backend docker -- true", unit: "ms", values: milliseconds(found.skyburst), skipped },
      {
        label: "times docker run",
        unit: "×",
        values: ratios(found.skyburst, found.docker),
        bound: atMost(1.75),
        skipped,
      },
    ];
    return { title: "The command `true` in a container of an image that the engine has", rows };
  },
};

const empty = { docker: [], skyburst: [] };

async function inTurn(bench: Bench, docker: DockerBench) {
  const { image } = docker;
  const contestants = {
    docker: async () => (await docker.docker("run", "--rm", image, "true")).seconds,
    skyburst: async () => {
      const place = bench.places.next("run");
      const options = ["--backend", "docker", "--image", image];
      const { seconds } = await docker.skyburst(place, "run", ...options, "--", "true");
      await checkStore(place, 1);
      return seconds;
    },
  };
  // The worker's volume is filled once for an engine.
  await alternate(1, contestants);
  return alternate(bench.repeat * (bench.quick ? 1 : 4), contestants);
}

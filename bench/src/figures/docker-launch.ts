import { alternate, ratios } from "../alternate.ts";
import { noDocker, printed, withDocker } from "../docker/engine.ts";
import type { DockerBench } from "../docker/engine.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { program } from "../program.ts";

/** Containers that do nothing, by the backend and by the docker command, until the last of them is gone. */
export const dockerLaunch: Figure = {
  name: "docker-launch",
  async measure(bench) {
    const count = bench.size(20, 3);
    const skipped = await noDocker();
    const found = skipped === undefined ? await withDocker(bench, (docker) => inTurn(bench, docker, count)) : empty;
    const rows: Row[] = [
      { label: "by the backend", unit: "s", values: found.backend, skipped },
      { label: "docker run -d IMAGE node -e 0, all at a time", unit: "s", values: found.docker, skipped },
      {
        label: "times docker run -d",
        unit: "×",
        values: ratios(found.backend, found.docker),
        bound: atMost(1.3),
        skipped,
      },
    ];
    return { title: `${count} containers of Node.js launched and gone`, rows };
  },
};

const empty = { backend: [], docker: [] };

async function inTurn(bench: Bench, docker: DockerBench, count: number) {
  const image = await docker.nodeImage();
  const contestants = {
    backend: async () => {
      const place = bench.places.next("launch");
      const run = await docker.program(place, program("launch"), String(count), image);
      const codes = printed(run) as readonly number[];
      if (codes.length !== count || codes.some((code) => code !== 0))
        throw new Error(`${count} workers were to end with 0: ${JSON.stringify(codes)}`);
      return run.seconds;
    },
    docker: async () => (await docker.shell(plain, String(count), image)).seconds,
  };
  await alternate(1, contestants);
  return alternate(bench.repeat, contestants);
}

/** All are started at a time, each one's code is waited for, and what is left of them is removed. */
const plain = `set -e
ids=$(seq "$1" | xargs -P"$1" -I{} docker run -d "$2" node -e 0)
[ "$(docker wait $ids | grep -cx 0)" = "$1" ]
docker rm $ids`;

import { alternate, ratios } from "../alternate.ts";
import { checkFleet, checkStore } from "../check.ts";
import { noDocker, withDocker } from "../docker/engine.ts";
import type { DockerBench } from "../docker/engine.ts";
import { atLeast } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { words } from "../inputs.ts";

const workers = 4;

/** Many commands that end at once, in a few containers, beside a container for each. */
export const dockerEach: Figure = {
  name: "docker-each",
  async measure(bench) {
    const count = bench.size(1000, 40);
    // They are all alike, and nobody wants to wait for a thousand of them.
    const single = bench.size(40, 4);
    const skipped = await noDocker();
    const found =
      skipped === undefined ? await withDocker(bench, (docker) => inTurn(bench, docker, count, single)) : empty;
    const rate = (values: readonly number[], of: number) => values.map((seconds) => of / seconds);
    const skyburst = rate(found.skyburst, count);
    const together = rate(found.together, single);
    const alone = rate(found.alone, single);
    const rows: Row[] = [
      { label: `skyburst on ${workers} workers, start-up included`, unit: "/s", values: skyburst, skipped },
      { label: `docker run, ${single} of them, one after another`, unit: "/s", values: alone, skipped },
      { label: `docker run, ${single} of them, ${workers} at a time`, unit: "/s", values: together, skipped },
      {
        label: "times as fast as one after another",
        unit: "×",
        values: ratios(skyburst, alone),
        bound: atLeast(30),
        skipped,
      },
      { label: `times as fast as ${workers} at a time`, unit: "×", values: ratios(skyburst, together), skipped },
    ];
    return { title: `${count.toLocaleString("en")} commands \`true\` in containers`, rows };
  },
};

const empty = { skyburst: [], alone: [], together: [] };

async function inTurn(bench: Bench, docker: DockerBench, count: number, single: number) {
  const { file } = words(bench.places.next("inputs"), count);
  const byDocker = async (atATime: number) => {
    const script = 'seq "$1" | xargs -P"$2" -I{} docker run --rm "$3" true {}';
    return (await docker.shell(script, String(single), String(atATime), docker.image)).seconds;
  };
  const contestants = {
    skyburst: async () => {
      const place = bench.places.next("each");
      const options = ["--backend", "docker", "--image", docker.image, "--workers", String(workers), "--slots", "1"];
      const { seconds } = await docker.skyburst(place, "each", file, ...options, "--quiet", "--", "true", "{}");
      await checkStore(place, count);
      await checkFleet(place, workers);
      return seconds;
    },
    alone: () => byDocker(1),
    together: () => byDocker(workers),
  };
  await contestants.skyburst();
  return alternate(bench.repeat, contestants);
}

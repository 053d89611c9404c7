import { readFileSync } from "node:fs";
import { checkStore } from "../check.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { node, program, run } from "../program.ts";
import { checkBucket, noS3, runOnS3, withS3 } from "../s3-server.ts";

interface Followed {
  readonly late: number;
  readonly arrived: number;
  readonly waiting: readonly number[];
}

/** How long after it was written a line is shown by `skyburst logs -f`, at the pace that a store has for itself. */
export const followedLogs: Figure = {
  name: "follow",
  async measure(bench) {
    const missing = await noS3();
    const found = { directory: [] as Followed[], s3: [] as Followed[] };
    for (let round = 0; round < bench.repeat; round++) {
      found.directory.push(await onDirectory(bench));
      if (missing === undefined) found.s3.push(await onS3(bench));
    }
    return {
      title: "A line with -f: from when it is written until it is shown",
      rows: [...rowsOf("directory", found.directory, 1000), ...rowsOf("S3", found.s3, 3000, missing)],
    };
  },
};

function rowsOf(store: string, all: readonly Followed[], most: number, skipped?: string): Row[] {
  const row = (label: string, values: readonly number[]): Row => ({
    label: `${store}: ${label}`,
    unit: "ms",
    values,
    bound: atMost(most),
    skipped,
  });
  return [
    row(
      "the follower waits for it",
      all.flatMap(({ waiting }) => waiting),
    ),
    row(
      "the first one after the follower came",
      all.map(({ arrived }) => arrived),
    ),
    row(
      "written before, from the follower's start on",
      all.map(({ late }) => late),
    ),
  ];
}

/** Lines of a round, and the pause before each, in milliseconds: longer than the longest wait of who looks. */
function sizes(bench: Bench, pause: number): readonly string[] {
  return [String(bench.size(4, 1)), String(bench.size(pause, pause / 10))];
}

async function onDirectory(bench: Bench): Promise<Followed> {
  const place = bench.places.next("follow");
  const { stdout } = await run(node(program("follow"), "directory", bench.skyburst, ...sizes(bench, 2000)), { place });
  await checkStore(place, 1);
  return JSON.parse(readFileSync(stdout, "utf8")) as Followed;
}

function onS3(bench: Bench): Promise<Followed> {
  return withS3(bench, async (server) => {
    const found = await runOnS3<Followed>(bench, server, "follow", bench.skyburst, ...sizes(bench, 10_000));
    await checkBucket(bench, server, 1);
    return found;
  });
}

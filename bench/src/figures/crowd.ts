import { runCrowd } from "../crowd/run-crowd.ts";
import type { Asked, CrowdReport } from "../crowd/crowd-plan.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { checkBucket, noS3, withS3 } from "../s3-server.ts";

/** Five hundred workers on one S3 service: what they ask of it, and whether they get into each other's way. */
export const crowd: Figure = {
  name: "crowd",
  async measure(bench) {
    const size = { workers: bench.size(500, 20), tasks: bench.size(50_000, 400), milliseconds: 1000 };
    const missing = await noS3();
    const found: CrowdReport[] = [];
    // One fleet says as much as five: requests are counted, and hundreds of workers average out what chance there is.
    if (missing === undefined) found.push(await fleet(bench, size));
    const row = (label: string, unit: Row["unit"], of: (report: CrowdReport) => number, most?: number): Row => ({
      label,
      unit,
      values: found.map(of),
      bound: most === undefined ? undefined : atMost(most),
      skipped: missing,
    });
    return {
      title: `${size.tasks.toLocaleString("en")} tasks of a second on ${size.workers} simulated workers and an S3 service`,
      rows: [
        row(
          "requests in all",
          "per task",
          ({ workers, client, tasks }) => (requests(workers) + requests(client)) / tasks,
          0.19,
        ),
        row(
          "of these, the client's, with each outcome as it comes",
          "per task",
          ({ client, tasks }) => requests(client) / tasks,
        ),
        row(
          "claims lost and listings of workers",
          "per chunk",
          ({ workers, chunks }) => (workers.lost + workers.list) / chunks,
          1.5,
        ),
        row("from the first input to the last outcome (100 s at best)", "s", ({ seconds }) => seconds),
      ],
    };
  },
};

function fleet(bench: Bench, size: { workers: number; tasks: number; milliseconds: number }): Promise<CrowdReport> {
  return withS3(bench, async (server) => {
    const report = await runCrowd(bench, server, {
      ...size,
      estimate: size.milliseconds,
      processes: 3,
      speed: speed(bench),
    });
    await checkBucket(bench, server, size.tasks);
    return report;
  });
}

/** Real time, but for the tiny size: a machine that is short of processors makes owners look lost where time is quicker. */
const speed = (bench: Bench) => bench.size(1, 10);

function requests({ create, get, list, put, delete: deleted }: Asked): number {
  return create + get + list + put + deleted;
}

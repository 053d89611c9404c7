import { alternate } from "../alternate.ts";
import type { Answer, Bench, Figure, Row } from "../figure.ts";
import { noS3, runOnS3, withS3 } from "../s3-server.ts";
import { mapOnS3 } from "../warm-maps.ts";
import type { WarmMap } from "../warm-maps.ts";

/** What maps on an S3 service of this machine come to, with two workers of one slot that are up. */
export const s3Maps: Figure = {
  name: "s3",
  async measure(bench) {
    const counts = {
      quick: bench.size(100_000, 2000),
      waiting: bench.size(400, 8),
      large: bench.size(1_000_000, 4000),
    };
    const number = (count: number) => count.toLocaleString("en");
    const missing = await noS3();
    const found = missing === undefined ? await maps(bench, counts) : { quick: [], waiting: [], large: [] };
    const row = (label: string, unit: Row["unit"], values: readonly number[]): Row => ({
      label,
      unit,
      values,
      skipped: missing,
    });
    const rate = (runs: readonly WarmMap[], count: number) => runs.map(({ seconds }) => count / seconds);
    const requests = (runs: readonly WarmMap[]) => runs.map((map) => requestsOf(map) / map.tasks);
    const rows = [
      row(`${number(counts.quick)} no-ops`, "/s", rate(found.quick, counts.quick)),
      row("their requests, by client and workers", "per task", requests(found.quick)),
      row(`${number(counts.large)} no-ops`, "/s", rate(found.large, counts.large)),
      row("their requests, by client and workers", "per task", requests(found.large)),
      row(
        "their inputs, until all are submitted",
        "/s",
        found.large.map(({ submitted }) => counts.large / submitted),
      ),
      row(
        `${number(counts.waiting)} tasks of 50 ms (two slots: 40/s at most)`,
        "/s",
        rate(found.waiting, counts.waiting),
      ),
      row("their requests, by client and workers", "per task", requests(found.waiting)),
    ];
    return { title: "Maps on an S3 service, two workers of one slot", rows };
  },
};

async function maps(bench: Bench, counts: Readonly<Record<"quick" | "waiting" | "large", number>>) {
  const found: Record<keyof typeof counts, WarmMap[]> = { quick: [], waiting: [], large: [] };
  const contestant = (name: keyof typeof counts) => async () => {
    const map = await mapOnS3(bench, counts[name], { wait: name === "waiting" ? 50 : 0 });
    found[name].push(map);
    return map.seconds;
  };
  await alternate(bench.repeat, {
    quick: contestant("quick"),
    waiting: contestant("waiting"),
    large: contestant("large"),
  });
  return found;
}

function requestsOf({ requests }: WarmMap): number {
  return Object.values(requests).reduce((sum, one) => sum + one, 0);
}

/** What one request takes of the processors of who sends it. */
export const s3Requests: Figure = {
  name: "s3-requests",
  async measure(bench): Promise<Answer> {
    const count = bench.size(2000, 50);
    const created: number[] = [];
    const read: number[] = [];
    const missing = await noS3();
    for (let round = 0; missing === undefined && round < bench.repeat; round++) {
      const times = await withS3(bench, (server) =>
        runOnS3<{ created: number; read: number }>(bench, server, "requests", String(count)),
      );
      created.push(times.created);
      read.push(times.read);
    }
    return {
      title: `${count.toLocaleString("en")} requests to an S3 service, 16 at a time: processor time of the client for each`,
      rows: [
        { label: "create of 10 KB", unit: "ms", values: created, skipped: missing },
        { label: "read of 10 KB", unit: "ms", values: read, skipped: missing },
      ],
    };
  },
};

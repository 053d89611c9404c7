import { readFileSync } from "node:fs";
import { redis, unavailable } from "@skyburst/engines";
import { alternate, ratios } from "../alternate.ts";
import { atLeast } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { node, program, run } from "../program.ts";
import { noS3 } from "../s3-server.ts";
import { localPace, mapOnDirectory, mapOnS3 } from "../warm-maps.ts";

/** Jobs that do nothing, beside a queue: workers are up, and the clock runs from the first input to the last result. */
export const queue: Figure = {
  name: "queue",
  async measure(bench) {
    const count = bench.size(100_000, 2000);
    const s3 = await noS3();
    const missing = { directory: undefined, s3, unhurried: s3, bullmq: await unavailable("redis") };
    const found = await alternate<string>(bench.repeat, {
      directory: async () => (await mapOnDirectory(bench, count)).seconds,
      ...(s3 === undefined
        ? {
            s3: async () => (await mapOnS3(bench, count, { pace: localPace })).seconds,
            unhurried: async () => (await mapOnS3(bench, count)).seconds,
          }
        : {}),
      ...(missing.bullmq === undefined ? { bullmq: () => byBullmq(bench, count) } : {}),
    });
    const rate = (label: string, name: keyof typeof missing): Row => ({
      label,
      unit: "/s",
      values: (found[name] ?? []).map((seconds) => count / seconds),
      skipped: missing[name],
    });
    const times = (label: string, name: "directory" | "s3" | "unhurried", least?: number): Row => ({
      label,
      unit: "×",
      values: found[name] && found.bullmq ? ratios(found.bullmq, found[name]) : [],
      bound: least === undefined ? undefined : atLeast(least),
      skipped: missing[name] ?? missing.bullmq,
    });
    const rows = [
      rate("skyburst on a directory", "directory"),
      rate("skyburst on an S3 service, at a local pace", "s3"),
      rate("skyburst on an S3 service, at AWS's pace", "unhurried"),
      rate("BullMQ on Redis", "bullmq"),
      times("on a directory: times as fast as BullMQ", "directory", 10),
      times("on S3, at a local pace: times as fast as BullMQ", "s3", 5),
      times("on S3, at AWS's pace: times as fast as BullMQ", "unhurried"),
    ];
    return {
      title: `${count.toLocaleString("en")} no-ops with two workers that are up: added, run, results read`,
      rows,
    };
  },
};

async function byBullmq(bench: Bench, count: number): Promise<number> {
  const place = bench.places.next("bullmq");
  const server = await redis(place);
  try {
    const { stdout } = await run(node(program("queue"), String(server.port), String(count)), { place });
    return (JSON.parse(readFileSync(stdout, "utf8")) as { seconds: number }).seconds;
  } finally {
    await server.stop();
  }
}

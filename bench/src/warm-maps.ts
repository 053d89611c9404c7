import { readFileSync } from "node:fs";
import type { StorePace, StoreRequests } from "@skyburst/core";
import { checkStore } from "./check.ts";
import type { Bench } from "./figure.ts";
import { node, program, run } from "./program.ts";
import { checkBucket, runOnS3, withS3 } from "./s3-server.ts";

/** What a map came to whose workers were up before it began. */
export interface WarmMap {
  readonly seconds: number;
  /** Of these: until the last input was submitted. */
  readonly submitted: number;
  /** Of the session, with the small map that brought its workers up. */
  readonly tasks: number;
  readonly requests: StoreRequests;
}

export interface WarmMapOptions {
  /** Milliseconds that each task waits. Default 0: it does nothing. */
  readonly wait?: 0 | 50;
  readonly pace?: Partial<StorePace>;
}

/** For a service on the same machine, where a look costs neither money nor much time: 40 a second at most, not one. */
export const localPace: Partial<StorePace> = { poll: [25, 1000] };

/** On an S3 service of its own. Its results are checked, as they came and in the bucket. */
export function mapOnS3(bench: Bench, count: number, { wait = 0, pace }: WarmMapOptions = {}): Promise<WarmMap> {
  return withS3(
    bench,
    async (server) => {
      const map = await runOnS3<WarmMap>(bench, server, "maps", String(count), String(wait));
      await checkBucket(bench, server, map.tasks);
      return map;
    },
    pace,
  );
}

/** On a directory. Its results are checked, as they came and in the directory. */
export async function mapOnDirectory(bench: Bench, count: number): Promise<WarmMap> {
  const place = bench.places.next("directory");
  const { stdout } = await run(node(program("maps"), "directory", String(count), "0"), { place });
  const map = JSON.parse(readFileSync(stdout, "utf8")) as WarmMap;
  await checkStore(place, map.tasks);
  return map;
}

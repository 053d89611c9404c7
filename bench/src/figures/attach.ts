import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionStatus } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { alternate } from "../alternate.ts";
import { countResults } from "../check.ts";
import type { Results } from "../check.ts";
import { runCrowd } from "../crowd/run-crowd.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure } from "../figure.ts";
import { halfDone } from "../half-done.ts";
import { node, program, run } from "../program.ts";
import { noS3, runOnS3, withS3 } from "../s3-server.ts";

/** What `attach` prints. */
interface Attached {
  readonly seconds: number;
  readonly requests: number;
  readonly status: SessionStatus;
}

/** How soon, and by how many requests, somebody who comes from elsewhere knows how a large session stands that is half done. */
export const attach: Figure = {
  name: "attach",
  async measure(bench) {
    const count = bench.size(1_000_000, 4000);
    const missing = await noS3();
    const onDirectory = await attachOnDirectory(bench, count);
    const onS3 = missing === undefined ? await attachOnS3(bench, count) : [];
    const number = count.toLocaleString("en");
    return {
      title: `To the first state of a session of ${number} tasks, half of them done`,
      rows: [
        { label: "on a directory, start of the process included", unit: "s", values: onDirectory, bound: atMost(2) },
        {
          label: "on S3: requests",
          unit: "requests",
          values: onS3.map(({ requests }) => requests),
          bound: atMost(70),
          skipped: missing,
        },
        { label: "on S3", unit: "s", values: onS3.map(({ seconds }) => seconds), skipped: missing },
      ],
    };
  },
};

async function attachOnDirectory(bench: Bench, count: number): Promise<number[]> {
  const { place, session } = await halfDone(bench, count);
  const { succeeded } = await countResults(directory(join(place, ".skyburst")));
  const { seconds } = await alternate(bench.repeat, {
    seconds: async () => {
      const { seconds, stdout } = await run(node(program("attach"), "directory", session), { place });
      check(JSON.parse(readFileSync(stdout, "utf8")) as Attached, count, succeeded);
      return seconds;
    },
  });
  return seconds;
}

/** As a thousand workers leave it that run tasks of a second: that is where there are many chunks, and batches in each. */
function attachOnS3(bench: Bench, count: number): Promise<Attached[]> {
  return withS3(bench, async (server) => {
    const fleet = { workers: bench.size(1000, 100), present: bench.size(40, 4), processes: 2, speed: 1 };
    const work = { tasks: count, milliseconds: 0, estimate: 1000, killedAfter: count / 2 };
    const { session } = await runCrowd(bench, server, { ...fleet, ...work });
    const { succeeded } = await runOnS3<Results>(bench, server, "count");
    const found: Attached[] = [];
    for (let round = 0; round < bench.repeat; round++) {
      const attached = await runOnS3<Attached>(bench, server, "attach", session);
      check(attached, count, succeeded);
      found.push(attached);
    }
    return found;
  });
}

/** @throws {Error} unless the state is what the commits come to, counted by reading each of them. */
function check({ status }: Attached, tasks: number, succeeded: number): void {
  if (status.tasks === tasks && status.succeeded === succeeded && succeeded >= tasks / 2 && succeeded < tasks) return;
  throw new Error(`${JSON.stringify(status)} is told of a session with ${succeeded} of ${tasks} tasks done.`);
}

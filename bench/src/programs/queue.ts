import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Queue, QueueEvents } from "bullmq";
import { oneOfEach } from "../one-of-each.ts";
import { program } from "../program.ts";

/**
 * The same by BullMQ, on a Redis that runs: a small run that brings two workers up, and one of so many jobs. Each gives its number
 * back. Prints the seconds of the second, from the first job's adding to the last result's arrival.
 */
const [port = "", count = "0"] = process.argv.slice(2);

/** Jobs per `addBulk`, calls of it at a time, and jobs at a time in each worker: of those that were tried, the fastest. */
const bulk = 1000;
const adders = 4;
const concurrency = 100;

const connection = { host: "127.0.0.1", port: Number(port) };
const queue = new Queue<{ n: number }, number>("same", {
  connection,
  // Results come with the events, so that nobody needs the jobs any more.
  defaultJobOptions: { removeOnComplete: true },
  // Not one event may be forgotten before it is read.
  streams: { events: { maxLen: 10 * Number(count) + 100_000 } },
});
const events = new QueueEvents("same", { connection });
let ended = false;
await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
const workers = await Promise.all([startWorker(), startWorker()]);
await run(1000);
const started = performance.now();
await run(Number(count));
const seconds = (performance.now() - started) / 1000;
ended = true;
for (const worker of workers) worker.disconnect();
await Promise.all([queue.close(), events.close()]);
process.stdout.write(JSON.stringify({ seconds }));

/** Without one of its two workers there is no figure. */
async function startWorker(): Promise<ChildProcess> {
  const worker = fork(program("queue-worker"), [port, String(concurrency)]);
  worker.once("exit", (code, signal) => {
    if (ended) return;
    console.error(`A worker ended with ${code ?? signal}.`);
    process.exit(1);
  });
  await once(worker, "message");
  return worker;
}

/** Adds jobs, and takes their results. */
async function run(jobs: number): Promise<void> {
  const isLast = oneOfEach(jobs);
  const all = new Promise<void>((resolve, reject) => {
    events.on("failed", ({ jobId, failedReason }) => reject(new Error(`Job ${jobId}: ${failedReason}`)));
    events.on("completed", ({ returnvalue }) => {
      try {
        if (isLast(Number(returnvalue))) resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
  let next = 0;
  const add = async () => {
    while (next < jobs) {
      const first = next;
      next += bulk;
      const some = Array.from({ length: Math.min(bulk, jobs - first) }, (_, n) => first + n);
      await queue.addBulk(some.map((n) => ({ name: "n", data: { n } })));
    }
  };
  await Promise.all(Array.from({ length: adders }, add));
  await all;
  events.removeAllListeners("failed").removeAllListeners("completed");
}

import { Worker } from "bullmq";

/** A worker of BullMQ, with so many jobs at a time. Says when it is ready, and stays until it is stopped. */
const [port = "", concurrency = ""] = process.argv.slice(2);
const connection = { host: "127.0.0.1", port: Number(port) };
const options = { connection, concurrency: Number(concurrency) };
const worker = new Worker<{ n: number }, number>("same", async ({ data }) => data.n, options);
worker.on("error", (error) => {
  throw error;
});
await worker.waitUntilReady();
process.on("disconnect", () => process.exit());
process.send?.("ready");

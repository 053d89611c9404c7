import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";

/**
 * A map of no-ops through the API, on a directory of the given durability, its outcomes taken in input order (`ordered`) or
 * as they finish. Prints the sum of the values, and the requests that client and workers sent to the store.
 */
const [durable = "process", order = "ordered", count = "0"] = process.argv.slice(2);
const store = directory(".skyburst", { durable: durable === "power" ? "power" : "process" });
const session = await open({ backend: local(), store, workers: 1, spec: { slots: 2 } });
let sum = 0;
let succeeded = 0;
const inputs = Array.from({ length: Number(count) }, (_, n) => n);
for await (const outcome of session.map((input: number) => input, inputs, { ordered: order === "ordered" })) {
  if (outcome.status !== "succeeded") throw new Error(`Task ${outcome.index}: ${outcome.status}`);
  sum += outcome.value;
  succeeded++;
}
await session.close();
const { requests, unheard } = await session.usage();
if (unheard > 0) throw new Error(`${unheard} workers do not tell what they sent.`);
process.stdout.write(JSON.stringify({ sum, succeeded, requests }));

import { availableParallelism } from "node:os";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { receipt } from "../common/receipt.ts";
import { report } from "./report.ts";
import { RESAMPLES, type Estimate } from "./resample.ts";
import { readSample } from "./sample.ts";
import { bootstrap } from "./task.ts";

const sample = readSample();
const workers = availableParallelism();

const started = performance.now();
await using session = await open({ backend: local(), store: directory(".skyburst"), workers });
const shared = await session.share(sample);
const inputs = Array.from({ length: RESAMPLES }, (_, seed) => ({ sample: shared, seed }));

const resamples: Estimate[] = [];
let work = 0;
for await (const outcome of session.map(bootstrap, inputs)) {
  if (outcome.status !== "succeeded")
    throw new Error(`Resample ${outcome.index} ${outcome.status}.`, { cause: outcome });
  resamples[outcome.index] = outcome.value;
  work += outcome.seconds;
}
const elapsed = (performance.now() - started) / 1000;

console.log(report(sample, resamples));
console.log(`\n${receipt({ work, elapsed, tasks: RESAMPLES, workers })}`);

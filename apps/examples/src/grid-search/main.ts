import { availableParallelism } from "node:os";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { receipt } from "../common/receipt.ts";
import { readCars } from "./cars.ts";
import type { Score } from "./fold.ts";
import { trials } from "./grid.ts";
import { report } from "./report.ts";
import { score } from "./task.ts";

const workers = availableParallelism();

const started = performance.now();
await using session = await open({ backend: local(), store: directory(".skyburst"), workers });
const cars = await session.share(readCars());
const inputs = trials().map((trial) => ({ ...trial, cars }));

const scores: Score[] = [];
let work = 0;
for await (const outcome of session.map(score, inputs)) {
  if (outcome.status !== "succeeded") throw new Error(`Trial ${outcome.index} ${outcome.status}.`, { cause: outcome });
  scores[outcome.index] = outcome.value;
  work += outcome.seconds;
}
const elapsed = (performance.now() - started) / 1000;

console.log(report(scores));
console.log(`\n${receipt({ work, elapsed, tasks: inputs.length, workers })}`);

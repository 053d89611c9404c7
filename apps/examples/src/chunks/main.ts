import { availableParallelism } from "node:os";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { receipt } from "../common/receipt.ts";
import { readText } from "../common/tables.ts";
import { CHUNKS, mergeGroups, type Group } from "./group.ts";
import { readAirports } from "./places.ts";
import { report } from "./report.ts";
import { split } from "./split.ts";
import { group } from "./task.ts";

const chunks = split(readText("zipcodes.csv"), CHUNKS);
const workers = availableParallelism();

const started = performance.now();
await using session = await open({ backend: local(), store: directory(".skyburst"), workers });
const airports = await session.share(readAirports());
const inputs = chunks.map((csv) => ({ csv, airports }));

// By index, not as they finish: sums of the same numbers in another order differ in the last digit.
const parts: Group[][] = [];
let work = 0;
for await (const outcome of session.map(group, inputs)) {
  if (outcome.status !== "succeeded") throw new Error(`Chunk ${outcome.index} ${outcome.status}.`, { cause: outcome });
  parts[outcome.index] = outcome.value;
  work += outcome.seconds;
}
const elapsed = (performance.now() - started) / 1000;

console.log(report(mergeGroups(parts.flat())));
console.log(`\n${receipt({ work, elapsed, tasks: CHUNKS, workers })}`);

import { availableParallelism } from "node:os";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { receipt } from "../common/receipt.ts";
import { readMarket, SYMBOLS } from "./market.ts";
import { PATHS, type Path } from "./path.ts";
import { report } from "./report.ts";
import { simulate } from "./task.ts";

const market = readMarket(SYMBOLS);
const workers = availableParallelism();

const started = performance.now();
await using session = await open({ backend: local(), store: directory(".skyburst"), workers });
const shared = await session.share(market);
const inputs = Array.from({ length: PATHS }, (_, seed) => ({ market: shared, seed }));

const paths: Path[] = [];
let work = 0;
for await (const outcome of session.map(simulate, inputs)) {
  if (outcome.status !== "succeeded") throw new Error(`Path ${outcome.index} ${outcome.status}.`, { cause: outcome });
  paths[outcome.index] = outcome.value;
  work += outcome.seconds;
}
const elapsed = (performance.now() - started) / 1000;

console.log(report(market, paths));
console.log(`\n${receipt({ work, elapsed, tasks: PATHS, workers })}`);

import { readText } from "../common/tables.ts";
import { CHUNKS, groupChunk, mergeGroups } from "./group.ts";
import { readAirports } from "./places.ts";
import { report } from "./report.ts";
import { split } from "./split.ts";

const airports = readAirports();
const chunks = split(readText("zipcodes.csv"), CHUNKS);

const started = performance.now();
const parts = chunks.map((csv) => groupChunk(csv, airports));
const elapsed = (performance.now() - started) / 1000;

console.log(report(mergeGroups(parts.flat())));
console.log(`\n${CHUNKS} calls one after the other: ${elapsed.toFixed(2)} s.`);

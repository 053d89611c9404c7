import { report } from "./report.ts";
import { RESAMPLES, resample } from "./resample.ts";
import { readSample } from "./sample.ts";

const sample = readSample();

const started = performance.now();
const resamples = Array.from({ length: RESAMPLES }, (_, seed) => resample(sample, seed));
const elapsed = (performance.now() - started) / 1000;

console.log(report(sample, resamples));
console.log(`\n${RESAMPLES.toLocaleString("en")} calls one after the other: ${elapsed.toFixed(2)} s.`);

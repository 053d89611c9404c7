import { readCars } from "./cars.ts";
import { validate } from "./fold.ts";
import { trials } from "./grid.ts";
import { report } from "./report.ts";

const cars = readCars();

const started = performance.now();
const scores = trials().map(({ settings, fold }) => validate(cars, settings, fold));
const elapsed = (performance.now() - started) / 1000;

console.log(report(scores));
console.log(`\n${scores.length} calls one after the other: ${elapsed.toFixed(2)} s.`);

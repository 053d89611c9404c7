import { readMarket, SYMBOLS } from "./market.ts";
import { PATHS, simulatePath } from "./path.ts";
import { report } from "./report.ts";

const market = readMarket(SYMBOLS);

const started = performance.now();
const paths = Array.from({ length: PATHS }, (_, seed) => simulatePath(market, seed));
const elapsed = (performance.now() - started) / 1000;

console.log(report(market, paths));
console.log(`\n${PATHS.toLocaleString("en")} calls one after the other: ${elapsed.toFixed(2)} s.`);

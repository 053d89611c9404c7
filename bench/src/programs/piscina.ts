import { readFileSync, writeSync } from "node:fs";
import { Piscina } from "piscina";

/**
 * A map by Piscina: reads JSON lines, runs each as a task, writes an outcome line for each, in input order.
 *
 * `default`: as it comes. `tuned`: `concurrentTasksPerWorker: 8`. `batched`: a thousand inputs per task, which is the most
 * that can be had in memory, for whoever writes the batching and gives up single tasks.
 */
const [mode = "default", file = ""] = process.argv.slice(2);
const filename = new URL("./tasks.js", import.meta.url).href;
const pool = new Piscina(
  mode === "batched"
    ? { filename, name: "sameOfEach", minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 2 }
    : { filename, name: "same", concurrentTasksPerWorker: mode === "tuned" ? 8 : 1 },
);

/** Tasks handed over at a time: enough for all threads, and few enough that no long queue costs memory and time. */
const inFlight = 64;
const batch = mode === "batched" ? 1000 : 1;

const inputs = readFileSync(file, "utf8").split("\n");
inputs.pop();
const values: unknown[] = Array.from({ length: inputs.length });
let next = 0;
await Promise.all(Array.from({ length: inFlight }, batch === 1 ? oneByOne : inBatches));
write();
await pool.destroy();

async function oneByOne(): Promise<void> {
  while (next < inputs.length) {
    const index = next++;
    values[index] = await pool.run(JSON.parse(inputs[index] ?? ""));
  }
}

async function inBatches(): Promise<void> {
  while (next < inputs.length) {
    const first = next;
    next += batch;
    const some = inputs.slice(first, first + batch).map((line) => JSON.parse(line) as unknown);
    const results = (await pool.run(some)) as unknown[];
    for (const [n, value] of results.entries()) values[first + n] = value;
  }
}

function write(): void {
  let text = "";
  for (const [index, value] of values.entries()) {
    text += `{"index":${index},"task":${index},"status":"succeeded","value":${JSON.stringify(value)},"attempts":1,"seconds":0}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(1, text);
    text = "";
  }
  writeSync(1, text);
}

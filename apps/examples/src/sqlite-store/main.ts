import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { sqlite } from "./store.ts";
import { collatz } from "./task.ts";

const starts = Array.from({ length: 100_000 }, (_, at) => at + 1);
const best = { start: 0, steps: 0 };

await using session = await open({ backend: local(), store: sqlite("jobs.sqlite"), workers: 2 });
for await (const outcome of session.map(collatz, starts)) {
  if (outcome.status !== "succeeded" || outcome.value <= best.steps) continue;
  best.start = starts[outcome.index] ?? 0;
  best.steps = outcome.value;
}
console.log(`Of the numbers up to 100,000, ${best.start} takes the most steps: ${best.steps}.`);

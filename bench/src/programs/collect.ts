import { attachSession } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { oneOfEach } from "../one-of-each.ts";

/** Collects a session of so many numbers, each given back as it was, from the directory here, and prints the seconds from the first line of it on. */
const [session = "", count = "0"] = process.argv.slice(2);
const store = directory(".skyburst");
const isLast = oneOfEach(Number(count));
let complete = false;
const began = performance.now();
for await (const outcome of (await attachSession(store, session)).outcomes()) {
  if (outcome.status !== "succeeded" || outcome.value !== outcome.task)
    throw new Error(`Task ${outcome.task}: ${JSON.stringify(outcome)}`);
  complete = isLast(outcome.value);
}
const seconds = (performance.now() - began) / 1000;
if (!complete) throw new Error(`Some of ${count} outcomes are missing.`);
await store.close?.();
process.stdout.write(String(seconds));

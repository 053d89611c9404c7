import { writeSync } from "node:fs";
import { open } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys } from "@skyburst/core/protocol";
import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";
import { CrowdBackend } from "../crowd/crowd-backend.ts";
import { nothing } from "../crowd/crowd-plan.ts";
import type { CrowdPlan, CrowdReport } from "../crowd/crowd-plan.ts";
import { fasterRuntime, fasterStore } from "../crowd/faster.ts";
import { oneOfEach } from "../one-of-each.ts";

/**
 * One map on a fleet of simulated workers, that ends, or is killed in the middle with all that take part in it. Prints what it came
 * to as JSON.
 */
const [place = "{}", text = "{}"] = process.argv.slice(2);
const plan = JSON.parse(text) as CrowdPlan;
const { tasks, workers, speed, epoch, estimate, killedAfter = Number.POSITIVE_INFINITY } = plan;
const runtime = fasterRuntime(speed);
const store = fasterStore(s3(JSON.parse(place) as S3Options), speed, epoch);
const backend = new CrowdBackend(plan, place);
const session = await open({ backend, store, workers, spec: { slots: 1 }, runtime });
const isLast = oneOfEach(tasks);
const began = performance.now();
let outcomes = 0;
let complete = false;
const inputs = Array.from({ length: tasks }, (_, n) => n);
for await (const outcome of session.map(same, inputs, { estimate })) {
  if (outcome.status !== "succeeded" || outcome.value !== outcome.index)
    throw new Error(`Task ${outcome.index}: ${JSON.stringify(outcome)}`);
  complete = isLast(outcome.value);
  if (++outcomes < killedAfter) continue;
  await backend.end(true);
  await tell();
  process.exit(0);
}
if (!complete) throw new Error(`Some of ${tasks} results are missing.`);
await backend.settled();
await session.close();
await tell();
await backend.end(false);
await store.close?.();

async function tell(): Promise<void> {
  const seconds = (performance.now() - began) / 1000;
  const client = { ...nothing, ...store.requests };
  const ledger = await readLedger(factsOf(store, runtime), sessionKeys(session.id));
  if (!ledger) throw new Error(`The session ${session.id} is not in its store.`);
  const report: CrowdReport = {
    session: session.id,
    seconds,
    tasks,
    chunks: ledger.chunks,
    outcomes,
    client,
    workers: backend.asked,
  };
  writeSync(process.stdout.fd, JSON.stringify(report));
}

function same(input: number): number {
  return input;
}

import { facts as factsOf, parseWorkerArguments, sessionKeys } from "@skyburst/core/protocol";
import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";
import { Worker } from "@skyburst/worker";
import { fasterRuntime, fasterStore } from "../crowd/faster.ts";
import type { Asked, CrowdPlan, Order, WorkerName, Word } from "../crowd/crowd-plan.ts";
import { WaitingSlots } from "../crowd/waiting-slots.ts";

/** Workers of a simulated fleet, as many as they are told to be; ends when the client's process lets go of it. */
const [place = "{}", text = "{}"] = process.argv.slice(2);
const plan = JSON.parse(text) as CrowdPlan;
const stops = new Set<AbortController>();
const runtime = fasterRuntime(plan.speed);
process.on("disconnect", () => process.exit(0));
process.on("message", (order: Order) => {
  if (order.kind === "stop") for (const stop of stops) stop.abort();
  else
    work(order.args, order.worker).then(
      (asked) => tell({ kind: "end", worker: order.worker, asked }),
      (error: unknown) =>
        tell({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
});

async function work(args: readonly string[], { launch, slot }: WorkerName): Promise<Asked> {
  const { session, workers, rev, at } = parseWorkerArguments([...args, `--slot=${slot}`], {});
  // A store of its own, as each worker has: it counts what this one asks for.
  const store = fasterStore(s3(JSON.parse(place) as S3Options), plan.speed, plan.epoch);
  const facts = factsOf(store, runtime);
  const keys = sessionKeys(session);
  const slots = new WaitingSlots({ facts, keys, runtime, milliseconds: plan.milliseconds });
  const stop = new AbortController();
  stops.add(stop);
  const worker = new Worker({
    facts,
    runtime,
    slots,
    session,
    launch,
    slot,
    workers,
    rev,
    at,
    signal: stop.signal,
    grace: 5000,
  });
  await worker.run();
  await store.close?.();
  const { create, get, list, put, delete: deleted, lost } = facts.usage;
  return { create, get, list, put, delete: deleted, lost };
}

function tell(word: Word): void {
  process.send?.(word);
}

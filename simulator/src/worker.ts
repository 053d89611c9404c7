import { facts as factsOf, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import { Blobs } from "../../packages/worker/src/blobs.ts";
import { Worker } from "../../packages/worker/src/worker.ts";
import type { LaunchRequest } from "../../packages/core/src/backend.ts";
import type { Evidence } from "./evidence.ts";
import type { Started } from "./provider/machine.ts";
import { SimSlots } from "./slots.ts";
import { SimStore } from "./store.ts";
import type { World } from "./world.ts";
import { told } from "./told.ts";

/** Time that a worker's tasks get after a notice, in milliseconds: what the product's program gives. */
const grace = 5000;

/** A worker as its program would run it, when it begins. */
export function startWorker(
  world: World,
  evidence: Evidence,
  name: string,
  request: LaunchRequest,
  slot: number,
): Started {
  const process = world.process(name);
  const stop = new AbortController();
  const values = new Map(request.args.map((text) => text.slice(2).split("=", 2) as [string, string]));
  const memory = values.has("memory") ? Number(values.get("memory")) : undefined;
  if (memory !== undefined) process.memory = memory;
  return { process, begin: () => process.deliver(start), terminate: () => process.deliver(() => stop.abort()) };

  function start(): void {
    const { rules } = world;
    const runtime = rules.runtime?.(process.runtime) ?? process.runtime;
    const store = new SimStore(world, process);
    const plain = factsOf(rules.store?.(store, runtime) ?? store, runtime);
    const facts = rules.facts?.(plain, runtime) ?? plain;
    const slots = new SimSlots(world, process, evidence, new Blobs(facts, sessionKeys(request.sessionId)));
    const worker = new Worker({
      facts,
      runtime,
      slots,
      session: request.sessionId,
      launch: request.launch,
      slot,
      workers: Number(values.get("workers")),
      rev: Number(values.get("rev")),
      at: values.has("at") ? Number(values.get("at")) : undefined,
      signal: stop.signal,
      grace,
      standIn: world.scenario.standIns && (() => world.standIn()),
      memory,
    });
    worker.run().then(
      (end) => {
        world.note(name, `ends: ${end}`);
        world.conduct.ended(process, end);
        process.die("end");
      },
      (error: unknown) => {
        // What it had leased may be deleted under it.
        const removed = world.conduct.witness?.ledger?.removed === true;
        if (process.alive && !removed) world.violated(`${name} fails: ${told(error)}`);
        process.die("error");
      },
    );
  }
}

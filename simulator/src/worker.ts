import { facts as factsOf, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import { Blobs } from "../../packages/worker/src/blobs.ts";
import { Worker } from "../../packages/worker/src/worker.ts";
import type { LaunchRequest } from "../../packages/core/src/backend.ts";
import type { Evidence } from "./evidence.ts";
import type { Started } from "./provider.ts";
import { SimSlots } from "./slots.ts";
import { SimStore } from "./store.ts";
import type { World } from "./world.ts";
import { told } from "./told.ts";

/** Time that a worker's tasks get after a notice, in milliseconds: what the product's program gives. */
const grace = 5000;

/** Starts a worker as its program would: after some time to boot it is born, or it dies before. */
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
  const luck = world.random.fork(`boot of ${name}`);
  const [least, beyond] = world.scenario.boot ?? [0, 500];
  const boot =
    least + luck.exponential(beyond) + (luck.chance(world.scenario.faults.lateBoots) ? luck.exponential(60_000) : 0);
  world.note(name, `starts as ${request.launch}.${slot}`);
  world.timesheet.launched(process, boot);
  world.timeline.at(boot, () => process.deliver(start));
  return { process, terminate: () => process.deliver(() => stop.abort()) };

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
      signal: stop.signal,
      grace,
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

import { facts as factsOf, readLedger, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import type { OutcomeLine } from "../../packages/core/src/protocol/index.ts";
import { collect } from "../../packages/core/src/session/collect/collector.ts";
import { LedgerView } from "../../packages/core/src/session/ledger-view.ts";
import { readStatus } from "../../packages/core/src/session/status/status.ts";
import type { SessionStatus } from "../../packages/core/src/session/status/status.ts";
import type { SimProcess } from "./process.ts";
import { SimStore } from "./store.ts";
import { told } from "./told.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Looks of one onlooker, and the mean time between two of them in milliseconds. */
const looks = 20;
const pause = 15_000;

/** Somebody in another process who asks how a running session stands, or takes what there is, and comes again. */
export function startOnlooker(world: World, witness: Witness, kind: "status" | "glance"): void {
  const process = world.process(kind);
  const look = kind === "status" ? watchStatus : glance;
  look(world, process, witness).catch((error: unknown) => {
    if (witness.ledger?.removed !== true) world.violated(`Who looks in fails: ${told(error)}`);
  });
}

async function* attached(world: World, process: SimProcess, witness: Witness) {
  const { runtime } = process;
  const facts = factsOf(new SimStore(world, process), runtime);
  while (!witness.ledger) await runtime.sleep(1000);
  const keys = sessionKeys(witness.keys.root.slice(2, -1));
  for (let n = 0; n < looks; n++) {
    await runtime.sleep(runtime.random() * 2 * pause);
    const ledger = await readLedger(facts, keys);
    if (witness.ledger.removed) return;
    if (!ledger) return world.violated("The session can't be read.");
    yield { facts, keys, runtime, view: new LedgerView(facts, keys, ledger) };
  }
}

/** Counts are never more than there is, and what has ended stays so. */
async function watchStatus(world: World, process: SimProcess, witness: Witness): Promise<void> {
  let before: SessionStatus | undefined;
  for await (const { facts, keys, view } of attached(world, process, witness)) {
    const status = await readStatus(facts, keys, view);
    const { tasks, succeeded, failed, cancelled, running, pending } = status;
    const counts = [succeeded, failed, cancelled, running, pending];
    if (witness.ledger?.removed) return;
    if (counts.some((count) => count < 0) || counts.reduce((sum, count) => sum + count, 0) !== tasks)
      world.violated(`A status of ${tasks} tasks tells ${counts.join(", ")}.`);
    // What failed may be started again.
    const retries = (witness.ledger?.grants ?? 0) > 0;
    if (
      before &&
      (succeeded < before.succeeded || (failed < before.failed && !retries) || cancelled < before.cancelled)
    )
      world.violated(`A status tells ${counts.join(", ")} after ${JSON.stringify(before)}.`);
    before = status;
  }
}

/** What is there is given in order, without a gap, as it is in the store. */
async function glance(world: World, process: SimProcess, witness: Witness): Promise<void> {
  for await (const reader of attached(world, process, witness)) {
    for (const { id } of reader.view.current.submissions) {
      let index = 0;
      for await (const { lines } of collect({ ...reader, submission: id, ordered: true, wait: false })) {
        for (const line of new TextDecoder().decode(lines).split("\n").slice(0, -1)) {
          const outcome = JSON.parse(line) as OutcomeLine;
          if (outcome.index !== index++ || !witness.wasTold(outcome.task, line))
            world.violated(`Who looks in on ${id} was given ${line.slice(0, 200)} in place of index ${index - 1}.`);
        }
      }
    }
  }
}

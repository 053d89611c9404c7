import { attachSession } from "../../packages/core/src/session/attach.ts";
import { storeOf } from "./client.ts";
import { costsOf } from "./costs.ts";
import type { Provider } from "./provider/provider.ts";
import { isDoubtful } from "./scenario/doubts.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { providerOf } from "./scenario/with-provider.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** How far a receipt may be from the bill: a share of it, and for each worker some time between what is billed and what it could say. */
const share = 0.02;
const perWorker = 2000;

/** What a session says that it cost is what the provider charges, where nobody was in doubt of who ran, and prices stayed. */
export async function checkReceipt(world: World, provider: Provider, { keys }: Witness): Promise<void> {
  const { timeline, scenario } = world;
  const process = world.process("accountant");
  let over = false;
  const reading = attachSession(storeOf(world, process), keys.root.slice(2, -1), {
    runtime: process.runtime,
    costs: costsOf(world),
  })
    .then((session) => session.receipt())
    .finally(() => {
      over = true;
    });
  reading.catch(() => undefined);
  await timeline.run(() => over, timeline.now + 3_600_000);
  if (!over) return world.violated("Who asks for a receipt hangs");
  const { cost, final, workers } = await reading;
  if (!final && provider.running.length === 0 && isSure(scenario))
    world.violated("A receipt of a session of which no worker runs says that it is not final");
  const { prices } = providerOf(scenario);
  if (prices.length > 1 || !isSure(scenario)) return;
  const charged = provider.charges.until(timeline.now);
  const told = cost.workers?.amount ?? 0;
  const slack = charged * share + (provider.machines.length * perWorker * provider.charges.highest) / 1000;
  if (Math.abs(told - charged) > slack)
    world.violated(
      `A receipt says that ${workers.processes} workers cost ${told.toFixed(2)}, and ${charged.toFixed(2)} are charged for ${provider.machines.length}`,
    );
}

/** Each end was told, by a provider that tells at once to somebody who lives. */
function isSure(scenario: Scenario): boolean {
  const { client, daemons, joiners, acts, faults, reportDelay, rescue } = scenario;
  const others = daemons.length + joiners.length + acts.length;
  const silent = faults.silent + faults.awakes + faults.crashes + faults.lateBoots;
  return (
    !isDoubtful(scenario) &&
    client.ends === "close" &&
    others + silent === 0 &&
    reportDelay <= 50 &&
    rescue === "daemon"
  );
}

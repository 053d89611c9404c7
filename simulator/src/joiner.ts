import { started, work } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { arrival } from "./place.ts";
import type { Provider } from "./provider/provider.ts";
import { isRefused } from "./refusals.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Clients that come to the session of another, with workers of their own where nobody keeps any. */
export function startJoiners(world: World, provider: Provider, witness: Witness): ClientRun[] {
  return world.scenario.joiners.map((plan, n) =>
    started(world, n + 1, `joiner${n + 1}`, plan, async (run) => {
      await run.process.runtime.sleep(plan.start);
      const session = await arrival(witness, run.process);
      if (session === undefined) return;
      try {
        await work(world, provider, run, plan, { session });
      } catch (error) {
        if (!isRefused(error, witness)) throw error;
      }
    }),
  );
}

import { supervise } from "../../packages/core/src/session/supervise/supervise.ts";
import { simBackend } from "./provider/backend.ts";
import { endsBeforeWork, isAlone } from "./checks.ts";
import { started, storeOf } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { costsOf } from "./costs.ts";
import { arrival } from "./place.ts";
import type { Provider } from "./provider/provider.ts";
import { isRefused } from "./refusals.ts";
import type { DaemonPlan } from "./scenario/plans.ts";
import { told } from "./told.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** How long it waits for somebody to go on with a session, in milliseconds. */
const patience = 300_000;

/** Processes without a terminal, or a client, that keep a session's workers. */
export function startDaemons(world: World, provider: Provider, witness: Witness): ClientRun[] {
  return world.scenario.daemons.map((plan, n) => startDaemon(world, provider, witness, plan, `daemon${n}`));
}

/** Somebody whom a worker starts because nobody supervises, as its program would be it. */
export function startStandIn(world: World, provider: Provider, witness: Witness, n: number): ClientRun {
  const { start = 0, lives = [] } = world.scenario.standIns ?? {};
  const dies = lives[n];
  const plan = { start, standsIn: true, ...(dies === undefined ? {} : { dies }) };
  return startDaemon(world, provider, witness, plan, `standin${n}`);
}

export function startDaemon(
  world: World,
  provider: Provider,
  witness: Witness,
  plan: DaemonPlan,
  name: string,
): ClientRun {
  const end =
    plan.dies === undefined ? ({ ends: "close", after: 0 } as const) : { ends: "crash" as const, after: plan.dies };
  return started(world, -1, name, end, async ({ process }) => {
    const { runtime } = process;
    await runtime.sleep(plan.start);
    const session = await arrival(witness, process);
    if (session === undefined) return;
    const backend = simBackend(world, process, provider);
    try {
      const ended = await supervise({
        store: storeOf(world, process),
        backend,
        session,
        ...(plan.standsIn ? { standsIn: true } : { patience }),
        runtime,
        costs: costsOf(world),
      });
      world.note(name, `ends: ${ended}`);
      // Of what came while it left it may not know.
      const known = world.conduct.rev(process) >= (witness.ledger?.rev ?? 0);
      if (ended === "over" && known && !witness.finished && !witness.ledger?.removed)
        world.violated(`${name} says that the session is over, and it is not`);
    } catch (error) {
      world.note(name, `fails: ${told(error)}`);
      const excused = endsBeforeWork(world, error) || isAlone(error, witness, world.timeline.now);
      if (!isRefused(error, witness) && !excused) throw error;
    }
  });
}

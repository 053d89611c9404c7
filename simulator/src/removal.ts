import { gc } from "../../packages/core/src/session/remove/gc.ts";
import { removeSession } from "../../packages/core/src/session/remove/remove-session.ts";
import { removedKey } from "../../packages/core/src/session/remove/removed-mark.ts";
import { simBackend } from "./provider/backend.ts";
import { started, storeOf } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { arrival } from "./place.ts";
import type { SimProcess } from "./process.ts";
import type { Provider } from "./provider/provider.ts";
import { isRefused } from "./refusals.ts";
import type { RemovalPlan } from "./scenario/plans.ts";
import { told } from "./told.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

const day = 86_400_000;

/** Somebody takes the session away, while others work on it or when all is over. */
export function startRemover(world: World, provider: Provider, witness: Witness): ClientRun[] {
  const { removal } = world.scenario;
  return removal?.after === undefined ? [] : [startRemoval(world, provider, witness, { ...removal, name: "remover" })];
}

function startRemoval(
  world: World,
  provider: Provider,
  witness: Witness,
  { after = 0, dies, name }: Pick<RemovalPlan, "after" | "dies"> & { readonly name: string },
): ClientRun {
  const { backend: stops = false, now = false } = world.scenario.removal ?? {};
  const end = dies === undefined ? ({ ends: "close", after: 0 } as const) : { ends: "crash" as const, after: dies };
  return started(world, -1, name, end, async ({ process }) => {
    const { runtime } = process;
    await runtime.sleep(after);
    const called = await arrival(witness, process);
    if (called === undefined) return;
    const backend = simBackend(world, process, provider);
    try {
      const options = { now, ...(stops ? { backend } : {}) };
      const removed = await removeSession(storeOf(world, process), called, { ...options, runtime });
      world.note(process.name, `has removed: ${JSON.stringify(removed)}`);
      if (!removed.complete) world.violated("The session is not all removed, and nobody stopped that");
    } catch (error) {
      if (!isRefused(error, witness)) throw error;
    }
  });
}

/** In the end nothing is left of a session that was removed. */
export async function takeAway(world: World, provider: Provider, witness: Witness): Promise<void> {
  const { timeline, objects } = world;
  const { removal } = world.scenario;
  if (!removal || !witness.ledger) return;
  if (removal.after === undefined) {
    const run = startRemoval(world, provider, witness, { ...removal, name: "remover" });
    await timeline.run(() => run.over || !run.process.alive, timeline.now + 3_600_000);
    if ((!run.over && run.process.alive) || run.error !== undefined)
      return world.violated(`Who removes the session fails: ${run.error === undefined ? "it hangs" : told(run.error)}`);
    const left = objects.under(witness.keys.root).filter((key) => !key.startsWith(witness.keys.manifests));
    if (left.length > 0 && run.over)
      world.violated(`The session was removed, and ${left[0]} is left, with ${left.length - 1} more`);
  }
  // Killed before it had said so.
  if (!witness.ledger.removed) return;
  // Killed before it was hidden: it is still listed, and asked for again.
  if (!objects.has(removedKey(witness.keys.root.slice(2, -1)))) {
    const again = startRemoval(world, provider, witness, { name: "remover again" });
    await timeline.run(() => again.over, timeline.now + 3_600_000);
  }
  let due = false;
  timeline.at(day * 1.1, () => {
    due = true;
  });
  await timeline.run(() => due, Number.POSITIVE_INFINITY);
  // Whoever takes it away may be killed at it: another one goes on.
  for (const [n, dies] of [...removal.deaths, undefined].entries())
    if (!(await collectGarbage(world, world.process(`gc${n}`, dies)))) return world.violated("gc hangs");
  const left = objects.under("");
  if (left.length > 0)
    world.violated(`Nothing should be left of the session: there is ${left[0]}, with ${left.length - 1} more`);
}

/** false: it never ends. */
async function collectGarbage(world: World, process: SimProcess): Promise<boolean> {
  const { timeline } = world;
  let over = false;
  const collecting = (async () => {
    for await (const garbage of gc(storeOf(world, process), { runtime: process.runtime }))
      world.note(process.name, JSON.stringify(garbage));
  })().finally(() => {
    over = true;
  });
  collecting.catch(() => undefined);
  await timeline.run(() => over || !process.alive, timeline.now + 3_600_000);
  if (over) await collecting;
  return over || !process.alive;
}

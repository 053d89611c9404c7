import { facts as factsOf, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import { attachSession } from "../../packages/core/src/session/attach.ts";
import type { Submitted } from "../../packages/core/src/session/attached.ts";
import { open } from "../../packages/core/src/session/open.ts";
import { simBackend } from "./provider/backend.ts";
import { command, storeOf } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { feedOf } from "./inputs.ts";
import { arrival } from "./place.ts";
import type { SimProcess } from "./process.ts";
import type { Provider } from "./provider/provider.ts";
import { isRefused } from "./refusals.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { SubmissionPlan, SubmitterPlan } from "./scenario/plans.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Those who only submit, under an id of their own: killed at any moment, each is started again with the same inputs and goes on. */
export function startSubmitters(world: World, provider: Provider, witness: Witness): ClientRun[] {
  return world.scenario.submitters.map((plan, k) => {
    const live = (life: number): SimProcess => {
      const process = world.process(`submitter${k}.${life}`, plan.lives[life]);
      process.onDeath(() => {
        if (run.over) return;
        world.note(process.name, "is killed");
        world.timeline.at(plan.again, () => {
          run.process = live(life + 1);
        });
      });
      submit(world, provider, witness, life === 0 ? plan : { ...plan, start: 0 }, process).then(
        () => {
          run.over = true;
        },
        (error: unknown) => {
          run.over = true;
          if (!isRefused(error, witness) || !mayBeRefused(world.scenario, plan)) run.error = error;
          world.note(process.name, `is refused: ${String(error)}`);
        },
      );
      return process;
    };
    const run: ClientRun = { process: live(0), collected: [], session: undefined, over: false, returns: true };
    return run;
  });
}

/** Who begins a submission of its own is refused only where somebody else ends it. */
function mayBeRefused({ acts, idleTimeout, removal }: Scenario, { adds }: SubmitterPlan): boolean {
  const ends = acts.some(({ act }) => act === "end" || act.startsWith("cancel"));
  return adds || ends || idleTimeout !== undefined || removal !== undefined;
}

async function submit(
  world: World,
  provider: Provider,
  witness: Witness,
  { start, n, adds, leavesOpen }: SubmitterPlan,
  process: SimProcess,
): Promise<void> {
  const plan = world.scenario.submissions[n];
  if (!plan) throw new RangeError(`There is no submission ${n}.`);
  await process.runtime.sleep(start);
  const session = await arrival(witness, process);
  if (session === undefined) return;
  const submitted = adds
    ? await add(world, provider, process, session, plan, n)
    : await enter(world, provider, process, session, plan, n, leavesOpen);
  const entered = witness.ledger?.submissions.find(({ id }) => id === submitted.submission);
  if (submitted.tasks !== plan.tasks || entered?.tasks !== plan.tasks || (!entered.ended && (adds || !leavesOpen)))
    world.violated(
      `${process.name} has submitted ${plan.tasks} tasks, hears of ${submitted.tasks}, and the ledger says ${JSON.stringify(entered)}`,
    );
  world.note(process.name, `is over: ${JSON.stringify(submitted)}`);
}

type Enter = (
  world: World,
  provider: Provider,
  process: SimProcess,
  session: string,
  plan: SubmissionPlan,
  n: number,
  open?: boolean,
) => Promise<Submitted>;

const enter: Enter = async (world, provider, process, called, plan, n, leavesOpen = false) => {
  const { runtime } = process;
  const store = storeOf(world, process);
  const backend = simBackend(world, process, provider);
  const session = await open({ backend, store, session: called, runtime, supervise: false });
  const { retries, memoryOnOom, backoff, grace, concurrency, timeout, estimate } = plan;
  const limits = { retries, memoryOnOom, backoff, grace, concurrency, timeout, estimate };
  const options = { id: `own-${n}`, ...limits, open: leavesOpen };
  try {
    const feed = feedOf(
      world.scenario,
      process,
      { facts: factsOf(store, runtime), keys: sessionKeys(called) },
      plan,
      n,
    );
    return await session.submitLines(command, feed, options);
  } finally {
    await session.detach();
  }
};

const add: Enter = async (world, _, process, called, plan, n) => {
  const { runtime } = process;
  const store = storeOf(world, process);
  const session = await attachSession(store, called, { runtime });
  const place = { facts: factsOf(store, runtime), keys: sessionKeys(called) };
  return session.add(feedOf(world.scenario, process, place, plan, n), { id: `own-${n}` });
};

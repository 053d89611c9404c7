import { facts as factsOf, readPresence, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import type { Ledger, Operation } from "../../packages/core/src/protocol/index.ts";
import { attachSession } from "../../packages/core/src/session/attach.ts";
import { joinSession } from "../../packages/core/src/session/join-session.ts";
import { started, storeOf } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { arrival } from "./place.ts";
import type { SimProcess } from "./process.ts";
import { isRefused } from "./refusals.ts";
import type { Act, ActPlan } from "./scenario/plans.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Others who say something of the session while it runs, each once, from a process of its own. */
export function startActors(world: World, witness: Witness): ClientRun[] {
  return world.scenario.acts.map((plan, n) => startActor(world, witness, plan, `actor${n}`));
}

export function startActor(world: World, witness: Witness, plan: ActPlan, name: string): ClientRun {
  const end =
    plan.dies === undefined ? ({ ends: "close", after: 0 } as const) : { ends: "crash" as const, after: plan.dies };
  return started(world, -1, name, end, async ({ process }) => {
    const { runtime } = process;
    await runtime.sleep(plan.after);
    const called = await arrival(witness, process);
    if (called === undefined) return;
    try {
      await (isRaw(plan.act)
        ? enter(world, process, called, plan.act)
        : perform(world, witness, process, called, plan.act));
    } catch (error) {
      if (!isRefused(error, witness, world.conduct.rev(process))) throw error;
      world.note(name, `is refused: ${String(error)}`);
    }
    await expectSupervisor(world, witness, process, called);
    world.note(name, "is over");
  });
}

/** Whoever adds to a session asks who keeps its workers: somebody who lives, or did a moment ago. */
async function expectSupervisor(world: World, witness: Witness, process: SimProcess, session: string): Promise<void> {
  const facts = factsOf(storeOf(world, process), process.runtime);
  const { ttl = 0, removed = false } = { ...witness.ledger?.session, ...witness.ledger };
  const { supervisor } = await readPresence(facts, sessionKeys(session), ttl);
  world.note(process.name, `hears that the supervisor is ${JSON.stringify(supervisor)}`);
  const known = witness.supervisor?.process;
  const late = world.scenario.faults.clockJumps + world.scenario.faults.lateLandings > 0;
  if (supervisor?.alive && !removed && !late && known && known.deadFor > ttl * 2)
    world.violated(`${process.name} takes for alive who supervised and is gone for ${Math.round(known.deadFor)} ms`);
}

/** What the protocol knows and no operation of a session says. */
const raw = ["cancel submission", "retry submission", "overdue", "resume"] as const;
type RawAct = (typeof raw)[number];

function isRaw(act: Act): act is RawAct {
  return (raw as readonly Act[]).includes(act);
}

async function enter(world: World, process: SimProcess, called: string, act: RawAct): Promise<void> {
  const { view } = await joinSession(storeOf(world, process), called, process.runtime);
  const submissions = view.current.submissions.map(({ id }) => id);
  const submission = submissions[Math.floor(process.runtime.random() * submissions.length)];
  const operations = operationsOf(act, submission, view.current, world.storeNow);
  world.note(process.name, JSON.stringify(operations));
  if (operations.length > 0) await view.append({ operations, admissible: () => true });
}

function operationsOf(act: RawAct, submission: string | undefined, ledger: Ledger, now: number): readonly Operation[] {
  const one = submission === undefined ? [] : [submission];
  switch (act) {
    case "cancel submission":
      return one.map((id) => ({ op: "cancel", submission: id, because: "somebody else said so" }));
    case "retry submission":
      return one.map((id) => ({ op: "retry", submission: id }));
    case "overdue":
      return [{ op: "extend", deadline: now - 5000 }];
    case "resume":
      return [
        {
          op: "extend",
          deadline: Math.round(now + 1e9),
          ...(ledger.session.budget ? { budget: { ...ledger.session.budget, amount: 1e9 } } : {}),
        },
        { op: "resume" },
      ];
  }
}

async function perform(
  world: World,
  witness: Witness,
  process: SimProcess,
  called: string,
  act: Exclude<Act, RawAct>,
): Promise<void> {
  const session = await attachSession(storeOf(world, process), called, { runtime: process.runtime });
  const random = world.random.fork(`act of ${process.name}`);
  const told = (what: unknown) => world.note(process.name, `${act}: ${JSON.stringify(what)}`);
  switch (act) {
    case "cancel":
      return told(await session.cancel());
    case "cancel tasks": {
      const { tasks } = session.expected();
      if (tasks === 0) return;
      const task = Array.from({ length: random.whole(1, 5) }, () => random.whole(0, tasks - 1));
      world.note(process.name, `cancels ${task.join(", ")}`);
      return told(await session.cancel({ task }));
    }
    case "retry":
      return told(await session.retryFailed());
    case "retry tasks": {
      const task = failedTasks(witness).filter(() => random.chance(0.5));
      world.note(process.name, `retries ${task.join(", ")}`);
      return task.length === 0 ? undefined : told(await session.retryFailed({ task }));
    }
    case "end":
      return told(await session.end());
    case "deadline":
      return told(await session.extend({ deadline: Math.round(world.storeNow + random.between(-10_000, 60_000)) }));
    case "extend":
      return told(await session.extend({ deadline: { by: 1e9 } }));
  }
}

function failedTasks({ outcomes }: Witness): number[] {
  return [...outcomes.values()].filter(({ line }) => line.status === "failed").map(({ line }) => line.task);
}
